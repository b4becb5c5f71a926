"""The moments in an example: each readable, in the order of time, and within the example."""

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

from outreach.playbook.fields import Fields, Source
from outreach.playbook.yaml_text import Node

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}(:\d{2})?")


def moment_at(source: Source, node: Node) -> datetime | None:
    """The local time that is written there; None, with a finding, when it is none."""
    text = str(node.value)
    try:
        moment = datetime.fromisoformat(text) if _MOMENT.fullmatch(text) else None
    except ValueError:
        moment = None
    if moment is None:
        source.add(node.place, "C022", f'expected a local time such as 2026-03-02 10:00, got "{text[:20]}"')
    return moment


def check_times(source: Source, fields: Fields, until: datetime | None) -> None:
    """Lines read from top to bottom as time goes by; what is expected comes after what is given, and nothing comes after `until`."""
    given, expected = list(_moments(fields.node("given"))), list(_moments(fields.node("expect")))
    for lines in (given, expected):
        for (before, _), (moment, node) in pairwise(lines):
            if moment < before:
                source.add(node.place, "C048", "this line stands behind a later one", expected="the lines in the order of time", severity="warning")
    first = min((moment for moment, _ in given), default=None)
    for moment, node in expected:
        if first and moment < first:
            source.add(node.place, "C049", "this is expected before anything is given")
    for moment, node in (*given, *expected) if until else ():
        if until and moment > until:
            source.add(node.place, "C049", f"this is later than the example's `until`, {until:%Y-%m-%d %H:%M}")


def _moments(node: Node) -> Iterator[tuple[datetime, Node]]:
    """The readable times of the lines of a list, each with the node that says it."""
    for line in node.value if isinstance(node.value, list) else ():
        at = line.value.get("at") if isinstance(line.value, dict) else None
        if at is not None and _MOMENT.fullmatch(str(at.value)):
            try:
                yield datetime.fromisoformat(str(at.value)), at
            except ValueError:
                continue
