"""For whom a letter is shown: a customer of whom some events are known, from a file, from a rule's examples, or made up from the catalogue."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from care_contracts.clock import parse_rfc3339
from care_contracts.envelope import read_event
from care_contracts.published import examples as published
from care_contracts.records import Event, altered

from outreach.core.customer import Customer
from outreach.core.rules import OnEvent, OnSilence, Rule
from outreach.core.steps import Send
from outreach.playbook.examples import events_of
from outreach.playbook.known import COMPUTED
from outreach.playbook.load import Folder
from outreach.playbook.rule_file import RuleFile

ADDRESS = "customer@example.com"
A_MINUTE = 60_000
MOST_EVENTS = 10_000


class BadSample(ValueError):
    """The file says nothing that a letter could be shown for; the message says what was expected."""


@dataclass(frozen=True, slots=True)
class Sample:
    """`rule` sends the letter (None: no rule does); `customer` is what is known before the first event; `notes` is what was made up."""

    name: str
    rule: Rule | None
    customer: Customer
    events: tuple[Event, ...]
    notes: tuple[str, ...] = field(default=())


def samples(letter: str, folder: Folder) -> list[Sample]:
    """A made-up customer and everybody in the examples of the rules that send the letter."""
    senders = senders_of(letter, folder)
    made_up = [_made_up(file.rule) for file in senders] or [_made_up(None)]
    return made_up + [sample for file in senders for sample in _examples(letter, file, folder)]


def senders_of(letter: str, folder: Folder) -> list[RuleFile]:
    """The rules that may send the letter."""
    return [file for file in folder.rules if any(isinstance(step, Send) and step.letter == letter for step in file.rule.steps)]


def _examples(letter: str, file: RuleFile, folder: Folder) -> Iterator[Sample]:
    known = {name: amira().data[name] for name in ("email", "first_name", "language")}
    for example in file.examples:
        if example.given and any((line.verb, line.what) == ("send", letter) for line in example.lines):
            events = tuple(events_of(example, folder.playbook.policy.time_zone))
            yield Sample(f"{file.rule.id}: {example.name}", file.rule, Customer(amira().customer_id, traits=dict(known)), events)


def from_file(path: Path, letter: str, folder: Folder, now: int) -> Sample:
    """The customer in a file: an event as it is posted to the API, a list of them, or the traits of a customer. Raises BadSample, OSError."""
    rule = next((file.rule for file in senders_of(letter, folder)), None)
    try:
        content = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise BadSample(f"expected JSON, got something else: {error}") from None
    if isinstance(content, Mapping) and "type" not in content:
        return _of_traits(content, path.stem, rule, now)
    events = _of_one_customer([_read(raw, number, now) for number, raw in enumerate(content if isinstance(content, list) else [content], 1)])
    return with_trigger(Sample(path.stem, rule, Customer(events[0].customer_id, traits={"email": ADDRESS}), tuple(events)))


def _of_one_customer(events: list[Event]) -> list[Event]:
    if not events or len(events) > MOST_EVENTS:
        raise BadSample(f"expected 1 to {MOST_EVENTS} events, got {len(events)}")
    if len({event.customer_id for event in events}) > 1:
        raise BadSample("expected events about one customer, got several")
    return sorted(events, key=lambda event: event.time)


def _read(raw: object, number: int, now: int) -> Event:
    event = read_event(raw, default_source="preview", now=now)
    if isinstance(event, Event):
        return altered(event, recorded=event.time)
    problems = "; ".join(f"{problem.pointer or '/'}: expected {problem.expected}, got {problem.got}" for problem in event)
    raise BadSample(f"event {number}: {problems}")


def _of_traits(traits: Mapping[str, Any], name: str, rule: Rule | None, now: int) -> Sample:
    raw = {"id": "preview-created", "type": "customer.created", "subject": str(traits.get("id", "customer")), "data": {"email": ADDRESS, **traits}}
    counted = [trait for trait in COMPUTED if trait in traits and trait not in ("id", "language", "tags")]
    notes = [f"{', '.join(counted)} {'is' if len(counted) == 1 else 'are'} counted from events: give the events instead"] if counted else []
    event = _read(raw, 1, now)
    return with_trigger(Sample(name, rule, Customer(event.customer_id), (event,), tuple(notes)))


def with_trigger(sample: Sample) -> Sample:
    """The sample with an event from the catalogue where nothing in it could begin the rule."""
    when = sample.rule.when if sample.rule else None
    types = when.types if isinstance(when, OnEvent | OnSilence) else ()
    if not types or any(event.type in types for event in sample.events):
        return sample
    last = sample.events[-1]
    event = altered(catalogued(types[0]), customer_id=last.customer_id, time=last.time + A_MINUTE, recorded=last.time + A_MINUTE)
    return replace(sample, events=(*sample.events, event), notes=(*sample.notes, f"{types[0]} is made up: nothing given begins the rule"))


@cache
def catalogued(event_type: str, name: str = "") -> Event:
    """The catalogue's example of that name, or the first one, of an event type; one without data for a type that only the policy knows."""
    for its_type, its_name, raw in published():
        if its_type == event_type and name in ("", its_name):
            time = parse_rfc3339(raw["time"])
            return Event(raw["id"], raw["source"], event_type, raw["subject"], time, time, raw.get("data", {}))
    return altered(amira(), id=f"preview-{event_type}", type=event_type, data={})


def amira() -> Event:
    """The customer whom the catalogue's examples are about."""
    return catalogued("customer.created", "new-customer")


def _made_up(rule: Rule | None) -> Sample:
    name = f"{rule.id}: a customer from the catalogue" if rule else "a customer from the catalogue"
    return replace(with_trigger(Sample(name, rule, Customer(amira().customer_id), (amira(),))), notes=())
