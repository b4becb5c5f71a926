"""Runs the examples of a rule through the production engine on a virtual clock."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from care_contracts.clock import DAY_MS
from care_contracts.reasons import Verdict
from care_contracts.records import Decision, Event

from outreach.core.calendar import local, moment_of
from outreach.core.customer import Customer
from outreach.core.decide import Decided, Tick, decide
from outreach.core.rules import Playbook, Rule
from outreach.playbook.example_file import EXHAUSTIVE, Example, Expected, Given

LONGEST = 400 * DAY_MS
_VERBS = {
    Verdict.SENT: "send",
    Verdict.ALERTED: "alert",
    Verdict.REWARDED: "reward",
    Verdict.CALLED: "webhook",
    Verdict.HELD: "hold",
    Verdict.SKIPPED: "skip",
    Verdict.ENDED: "skip",
}


@dataclass(frozen=True, slots=True)
class Happened:
    """A decision with its times on the policy's wall clock; `expected` is None where an example need not mention it and does not."""

    decision: Decision
    at: datetime
    until: datetime | None
    expected: bool | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an example, in time order, and the lines that were expected in vain."""

    rule: str
    example: Example
    happened: tuple[Happened, ...]
    missing: tuple[Expected, ...]

    @property
    def surplus(self) -> tuple[Expected, ...]:
        """What happened and was not expected, as the lines that would have said so."""
        return tuple(line for one in self.happened if one.expected is False and (line := line_of(one)))

    @property
    def passed(self) -> bool:
        """Whether everything was as expected."""
        return not self.missing and not self.surplus


def run_example(rule: Rule, example: Example, playbook: Playbook) -> Result:
    """Runs one example with its rule alone, under the playbook's policy, until nothing is left to do.

    It shows what the rule does when it is live, so that nobody rewrites examples to try a rule in the shadow or to switch it off.
    """
    alone = replace(playbook, rules=(rule if example.shows_mode else replace(rule, mode="live"),))
    zone = playbook.policy.time_zone
    decisions = _happen(alone, events_of(example, zone), _end(example, zone))
    return _compare(rule.id, example, [_happened(decision, zone) for decision in decisions])


def events_of(example: Example, zone: str) -> list[Event]:
    """What is given, as events; their times are local to the zone."""
    return [_event(line, number, zone) for number, line in enumerate(example.given)]


def _event(line: Given, number: int, zone: str) -> Event:
    moment = moment_of(line.at, zone)
    data = {name: value for name, value in line.data.items() if name != "id"}
    return Event(str(line.data.get("id", f"example-{number}")), "example", line.event, "example", moment, moment, data)


def _end(example: Example, zone: str) -> int:
    if example.until:
        return moment_of(example.until, zone)
    return (moment_of(example.given[-1].at, zone) if example.given else 0) + LONGEST


def _happen(playbook: Playbook, events: list[Event], end: int) -> list[Decision]:
    customer = Customer("example", traits={"email": "customer@example.com"})
    return [decision for decided in play(customer, events, playbook, end) for decision in decided.decisions]


def play(customer: Customer, events: Iterable[Event], playbook: Playbook, end: int) -> Iterator[Decided]:
    """What the engine decides about the events and, after the last one, about everything that falls due until `end` (ms since 1970)."""
    for event in events:
        decided = decide(customer, event, playbook)
        customer = decided.customer
        yield decided
    while (due := customer.next_due()) is not None and due <= end:
        decided = decide(customer, Tick(due), playbook)
        customer = decided.customer
        yield decided


def _happened(decision: Decision, zone: str) -> Happened:
    return Happened(decision, _when(decision.at, zone), _when(decision.until, zone) if decision.until else None)


def _when(moment: int, zone: str) -> datetime:
    return local(moment, zone).replace(tzinfo=None, microsecond=0)


def _compare(rule: str, example: Example, happened: list[Happened]) -> Result:
    """Sends, alerts, rewards and calls are exhaustive and in order; holds and skips must occur, others may too (Semantics 14)."""
    expected: dict[int, bool] = {place: False for place, one in enumerate(happened) if (line := line_of(one)) and line.verb in EXHAUSTIVE}
    missing, reached = [], -1
    for wanted in example.lines:
        after = reached if wanted.verb in EXHAUSTIVE else -1
        met = next((place for place, one in enumerate(happened) if place > after and (line := line_of(one)) and _matches(wanted, line)), None)
        if met is None:
            missing.append(wanted)
            continue
        expected[met] = True
        reached = met if wanted.verb in EXHAUSTIVE else reached
    if example.nothing not in ("", "any") and not any(one.decision.reason == example.nothing for one in happened):
        missing.append(Expected("nothing", "", None, example.nothing))
    return Result(rule, example, tuple(replace(one, expected=expected.get(place)) for place, one in enumerate(happened)), tuple(missing))


def line_of(happened: Happened) -> Expected | None:
    """The line by which an example would have said so; None for what examples do not list, such as tags and waits."""
    decision = happened.decision
    verb = _VERBS.get(decision.verdict)
    return Expected(verb, decision.what, happened.at, decision.reason or "") if verb else None


def _matches(wanted: Expected, real: Expected) -> bool:
    """A rule that ended before it came to a letter counts as a skip of whatever letter."""
    return (
        wanted.verb == real.verb
        and (wanted.what == real.what or (real.verb == "skip" and not real.what))
        and (wanted.at is None or wanted.at == real.at)
        and wanted.because in ("", "any", real.because)
    )
