"""Runs the examples of a rule through the production engine on a virtual clock."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from care_contracts.clock import DAY_MS
from care_contracts.reasons import PLAIN_WORDS, Verdict
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
_HOW = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an example: `missing` lines were expected and did not happen, `surplus` ones happened and were not expected."""

    rule: str
    example: Example
    happened: tuple[Decision, ...]
    missing: tuple[str, ...]
    surplus: tuple[str, ...]
    timeline: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether everything was as expected."""
        return not self.missing and not self.surplus


def run_example(rule: Rule, example: Example, playbook: Playbook) -> Result:
    """Runs one example with its rule alone, under the playbook's policy, until nothing is left to do."""
    alone = replace(playbook, rules=(rule,))
    zone = playbook.policy.time_zone
    decisions = _happen(alone, events_of(example, zone), _end(example, zone))
    happened = [_describe(decision, zone) for decision in decisions]
    missing, surplus = _compare(example, decisions, zone)
    return Result(rule.id, example, tuple(decisions), tuple(missing), tuple(surplus), tuple(happened))


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


def _when(moment: int, zone: str) -> datetime:
    return local(moment, zone).replace(tzinfo=None, microsecond=0)


def _describe(decision: Decision, zone: str) -> str:
    why = f": {PLAIN_WORDS[decision.reason]}" if decision.reason else ""
    until = f" until {_when(decision.until, zone).strftime(_HOW)}" if decision.until else ""
    detail = f" ({decision.detail})" if decision.detail else ""
    return f"{_when(decision.at, zone).strftime(_HOW)}  {decision.verdict} {decision.what}{until}{why}{detail}"


def _compare(example: Example, decisions: list[Decision], zone: str) -> tuple[list[str], list[str]]:
    """Sends and alerts are exhaustive and in order; holds and skips must occur, others may too (Semantics 14)."""
    lines = [_line(decision, zone) for decision in decisions if decision.verdict in _VERBS]
    wanted = [line for line in example.lines if line.verb in EXHAUSTIVE]
    got = [line for line in lines if line.verb in EXHAUSTIVE]
    missing = [_say(line) for line in example.lines if line.verb not in EXHAUSTIVE and not any(_matches(line, real) for real in lines)]
    if example.nothing not in ("", "any") and not any(decision.reason == example.nothing for decision in decisions):
        missing.append(f"nothing, because: {example.nothing}")
    pairs = max(len(wanted), len(got))
    for place in range(pairs):
        want, real = wanted[place : place + 1], got[place : place + 1]
        if not (want and real and _matches(want[0], real[0])):
            missing += [_say(line) for line in want]
    surplus = [_say(real) for place, real in enumerate(got) if not (place < len(wanted) and _matches(wanted[place], real))]
    return missing, surplus


def _line(decision: Decision, zone: str) -> Expected:
    return Expected(_VERBS[decision.verdict], decision.what, _when(decision.at, zone), decision.reason or "")


def _matches(wanted: Expected, real: Expected) -> bool:
    """A rule that ended before it came to a letter counts as a skip of whatever letter."""
    return (
        wanted.verb == real.verb
        and (wanted.what == real.what or (real.verb == "skip" and not real.what))
        and (wanted.at is None or wanted.at == real.at)
        and wanted.because in ("", "any", real.because)
    )


def _say(line: Expected) -> str:
    because = f" because {line.because}" if line.because else ""
    return f"{line.at.strftime(_HOW) if line.at else 'at any time'}  {line.verb} {line.what}{because}"
