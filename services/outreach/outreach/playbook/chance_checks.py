"""Rules whose letters have no chance: stopped by what began them, held out altogether, or expired before the quiet hours end."""

from outreach.core.policy import QuietHours
from outreach.core.rules import OnCalendar, OnEdge, Rule
from outreach.core.steps import Send, StopIf, Tag, WaitUntil
from outreach.playbook.fields import Fields, Source

MINUTE = 60_000
MINUTES_OF_A_DAY = 24 * 60


def check_chances(source: Source, fields: Fields, rule: Rule) -> None:
    """Adds a finding for each way in which the rule's letters never, or hardly ever, reach anybody."""
    _check_stop(source, fields, rule)
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


def _same(one: str, other: str) -> bool:
    return one.split() == other.split()


def _night(quiet: QuietHours) -> int:
    """The length of one rest in minutes; days of rest are longer, and are left to the rule's author."""
    return (quiet.end - quiet.start) % MINUTES_OF_A_DAY
