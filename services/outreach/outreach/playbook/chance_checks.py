"""Rules whose letters have no chance: stopped by what began them, held out altogether, expired before the quiet hours end, or due too late."""

from collections.abc import Iterable

from outreach.core.policy import QuietHours
from outreach.core.rules import OnCalendar, OnEdge, Rule, Step
from outreach.core.running import LONGEST
from outreach.core.steps import Branch, Jump, Send, StopIf, Tag, Variant, Wait, WaitFor, WaitUntil
from outreach.playbook.fields import Fields, Source
from outreach.playbook.yaml_text import Node

MINUTE = 60_000
MINUTES_OF_A_DAY = 24 * 60


def check_chances(source: Source, fields: Fields, rule: Rule) -> None:
    """Adds a finding for each way in which the rule's letters never, or hardly ever, reach anybody."""
    _check_stop(source, fields, rule)
    _check_length(source, fields, rule.steps)
    if not any(isinstance(step, Send) for step in rule.steps):
        return
    policy = source.known.policy
    if rule.purpose in policy.holdout.purposes and policy.holdout.share >= 1:
        source.add(fields.node("purpose").place, "C044", f"the holdout of policy.yaml keeps every letter of purpose {rule.purpose} from everybody")
    if _at_any_hour(rule) and policy.quiet_hours and rule.expires_after < (night := _night(policy.quiet_hours)) * MINUTE:
        message = f"quiet hours last {night // 60} h {night % 60} min: a letter that falls into them may expire before they end"
        source.add(fields.node("expires_after").place, "C045", message, severity="warning")


def _at_any_hour(rule: Rule) -> bool:
    """Whether a letter may fall due at night; who chose the hour has thought of it, and service letters do not wait."""
    chosen = isinstance(rule.when, OnCalendar) or any(isinstance(step, WaitUntil) for step in rule.steps)
    return rule.purpose != "service" and not chosen


def _check_stop(source: Source, fields: Fields, rule: Rule) -> None:
    """Nothing happens between the beginning and a first `stop_if`: when both say the same, the rule always stops there."""
    condition = rule.when.condition
    for step in rule.steps:
        if isinstance(step, StopIf) and condition and _same(step.condition.source, condition.source):
            place = fields.list("then")[int(step.path)].value["stop_if"].place
            begins = "becomes" if isinstance(rule.when, OnEdge) else "if"
            source.add(place, "C044", f"the rule stops upon what it begins with: `stop_if` says the same as the `{begins}` of `when`")
        if not isinstance(step, StopIf | Tag):
            return


def _check_length(source: Source, fields: Fields, steps: tuple[Step, ...]) -> None:
    """Who edits the playbook ends what began longer ago under the version before (Semantics 15)."""
    reached = [0] * (len(steps) + 1)
    for place, step in enumerate(steps):
        begun = reached[place]
        ends = begun + (step.ms if isinstance(step, Wait) else step.within if isinstance(step, WaitFor) else 0)
        for following in _following(place, step):
            reached[following] = max(reached[following], ends)
        if begun <= LONGEST < ends:
            message = "the rule still waits over 90 days after it began: an edit of the playbook meanwhile ends it"
            source.add(_node_of(fields.list("then"), step.path).place, "C057", message, expected="waits of 90 days in all", severity="warning")


def _following(place: int, step: Step) -> Iterable[int]:
    """The places where the program may go on."""
    match step:
        case Jump(to=to):
            return (to,)
        case Branch(otherwise=otherwise):
            return (place + 1, otherwise)
        case WaitFor(missed=missed):
            return (place + 1, missed)
        case Variant(arms=arms):
            return tuple(start for _, start in arms)
    return (place + 1,)


def _node_of(nodes: list[Node], path: str) -> Node:
    """What says a step, by its path such as `3.missed.0`."""
    number, *inner = path.split(".", 2)
    node = nodes[int(number)]
    if not inner:
        return node
    steps = {**node.value, **(node.value["variant"].value if "variant" in node.value else {})}[inner[0]]
    return _node_of(steps.value if isinstance(steps.value, list) else [steps], inner[1])


def _same(one: str, other: str) -> bool:
    return one.split() == other.split()


def _night(quiet: QuietHours) -> int:
    """The length of one rest in minutes; days of rest are longer, and are left to the rule's author."""
    return (quiet.end - quiet.start) % MINUTES_OF_A_DAY
