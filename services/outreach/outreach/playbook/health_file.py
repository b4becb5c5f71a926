"""health.yaml as rules: what makes a relationship good or bad, and where the borders of the bands are."""

from outreach.core.health import HealthRules
from outreach.playbook.fields import Fields, Source
from outreach.playbook.yaml_text import Node

KEYS = ("start", "window", "weights", "bands")
WEIGHTS = ("poor", "good")
BANDS = ("red_below", "green_from")
BUILT_IN = HealthRules()


def read_health(source: Source, node: Node) -> HealthRules:
    """The rules of the file; what is not said there, or cannot be read, is as built in."""
    fields = Fields(source, node, KEYS)
    weights, bands = Fields(source, fields.node("weights", {}), WEIGHTS), Fields(source, fields.node("bands", {}), BANDS)
    read = HealthRules(
        start=fields.number("start", BUILT_IN.start, 0, 100),
        window=max(1, fields.duration("window", BUILT_IN.window)),
        per_poor=weights.number("poor", BUILT_IN.per_poor, -100, 0),
        per_good=weights.number("good", BUILT_IN.per_good, 0, 100),
        red_below=bands.number("red_below", BUILT_IN.red_below, 0, 100),
        green_from=bands.number("green_from", BUILT_IN.green_from, 0, 100),
    )
    if read.red_below > read.green_from:
        source.add(bands.place, "C006", "the band green begins below where red ends", expected="red_below at most green_from")
    return read
