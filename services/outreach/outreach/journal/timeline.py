"""A customer's timeline: every event, every decision with its reason, what became of it, and what would have to be different."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import dropwhile
from typing import Any

from care_contracts.catalogue import FIELDS, PERSONAL
from care_contracts.identity import command_id, occasion
from care_contracts.reasons import Verdict
from care_contracts.records import Decision, Event

from outreach.journal.different import Looking, different
from outreach.journal.words import file_of, message_words, reason_words, verdict_words

MOST_FACTS = 5


@dataclass(frozen=True, slots=True)
class Happened:
    """An event; `facts` are its catalogued fields that say nothing about who somebody is."""

    at: int
    event: Event
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision. `became` is what became of it, `different` what would have to be different; both may be empty.

    `changed` says whether the rule's file reads otherwise now than it did then; None when that cannot be told.
    """

    at: int
    decision: Decision
    words: str
    because: str
    became: str
    different: str
    file: str
    revision: str
    changed: bool | None


Entry = Happened | Decided


def timeline(looking: Looking, *, rule: str = "", since: int = 0) -> list[Entry]:
    """The entries from the moment `since` (ms since 1970) on, in their order; with `rule` only its decisions, and the events that it names."""
    entries: list[Entry] = [*_happened(looking, rule), *_decided(looking, rule)]
    return sorted((entry for entry in entries if entry.at >= since), key=lambda entry: (entry.at, isinstance(entry, Decided)))


def _happened(looking: Looking, rule: str) -> Iterator[Happened]:
    commands = {decision.command_id for decision in looking.past.decisions if decision.rule == rule and decision.command_id}
    types = looking.events_of(rule)
    for event in looking.past.events:
        if not rule or event.type in types or event.data.get("command_id") in commands:
            yield Happened(event.recorded, event, facts(event))


def facts(event: Event) -> dict[str, Any]:
    """The first few fields that may be shown: catalogued, scalar, and not personal."""
    known = [name for name in FIELDS.get(event.type, ()) if name not in PERSONAL]
    found = {name: event.data[name] for name in known if isinstance(event.data.get(name), str | int | float)}
    return dict(list(found.items())[:MOST_FACTS])


def _decided(looking: Looking, rule: str) -> Iterator[Decided]:
    for place, decision in enumerate(looking.past.decisions):
        if not rule or decision.rule == rule:
            yield describe(looking, decision, place)


def describe(looking: Looking, decision: Decision, place: int) -> Decided:
    """One decision in plain words; `place` is where it stands among the customer's decisions."""
    words = verdict_words(decision)
    if decision.verdict is Verdict.HELD and decision.until is not None:
        words += f" until {looking.when(decision.until)}"
    if decision.verdict is Verdict.STARTED:
        words += f" for {decision.occurrence}"
    return Decided(
        decision.at,
        decision,
        words,
        reason_words(decision),
        _became(looking, decision, place),
        different(looking, decision),
        file_of(decision.rule),
        looking.past.version(decision.playbook).revision,
        looking.changed(file_of(decision.rule), decision.playbook),
    )


def _became(looking: Looking, decision: Decision, place: int) -> str:
    if decision.verdict is Verdict.SENT:
        return message_words(looking.past.message(decision.command_id), looking.zone)
    if decision.verdict is Verdict.ALERTED:
        return _task(looking, decision)
    return _after_hold(looking, decision, place) if decision.verdict is Verdict.HELD else ""


def _task(looking: Looking, decision: Decision) -> str:
    """Everything that was told of the task; of an escalation, what followed it."""
    task_id = command_id(occasion(decision.rule, decision.customer_id, decision.occurrence), decision.step)
    told = [event for event in looking.past.events if event.type.startswith("task.") and event.data.get("task_id") == task_id]
    if decision.command_id != task_id:
        told = list(dropwhile(lambda event: event.type != "task.escalated", told))
    return ", ".join(f"{event.type} on {looking.when(event.time)}" for event in told) or "the courier has not told yet that the team was reached"


def _after_hold(looking: Looking, decision: Decision, place: int) -> str:
    """The next word about the same occasion."""
    same = (decision.rule, decision.occurrence)
    later = next((one for one in looking.past.decisions[place + 1 :] if (one.rule, one.occurrence) == same), None)
    if later is None:
        return "it is still held" if (decision.until or 0) > looking.now else "what became of it is not known yet"
    why = f": {reason_words(later)}" if later.reason else ""
    return f"then, on {looking.when(later.at)}, it {verdict_words(later)}{why}"
