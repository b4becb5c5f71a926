"""From a request's body to the records for the stream: every event is checked, and all are taken or none."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from care_contracts.envelope import read_event
from care_contracts.problems import Problem, pointer
from care_contracts.records import Event
from care_contracts.wire import encode_event

from ingest.limits import Limits
from ingest.problems import INVALID, MALFORMED, TOO_LARGE, Kind, Refusal
from ingest.publisher import Record
from ingest.reading import oddities, read_json


@dataclass(frozen=True, slots=True)
class Taken:
    """An event that is fit for the stream, with its record."""

    event: Event
    record: Record


RESERVED = ("careloop/", "api:")  # our own services, and the holders of API keys


def read_events(body: bytes, source: str, limits: Limits, now: int) -> list[Taken]:
    """The events in a body, which came from `source` at `now` (ms since 1970); raises a Refusal with every problem of every event."""
    value = read_json(body)
    items = value if isinstance(value, list) else [value]
    if not 1 <= len(items) <= limits.events:
        raise Refusal(TOO_LARGE if items else INVALID, f"expected 1 to {limits.events} events, got {len(items)}")
    prefixes = [pointer(number) for number in range(len(items))] if isinstance(value, list) else [""]
    _refuse(MALFORMED, items, [_below(prefix, oddities(item, limits.depth)) for prefix, item in zip(prefixes, items, strict=True)])
    taken = [_take(item, source, limits, now) for item in items]
    _refuse(INVALID, items, [_below(prefix, each) if isinstance(each, list) else [] for prefix, each in zip(prefixes, taken, strict=True)])
    return [each for each in taken if isinstance(each, Taken)]


def _take(item: Any, source: str, limits: Limits, now: int) -> Taken | list[Problem]:
    event = read_event(item, default_source=source, now=now)
    if isinstance(event, list):
        return event
    if event.source != source and event.source.startswith(RESERVED):
        return [Problem("/source", f"a name that does not begin with {' or '.join(RESERVED)}, or none", "a source that stands for somebody else")]
    value = encode_event(event)
    if len(value) > limits.event:
        return [Problem("", f"an event of at most {limits.event} bytes", f"{len(value)} bytes")]
    return Taken(event, Record(event.customer_id.encode(), value))


def _below(prefix: str, problems: Iterable[Problem]) -> list[Problem]:
    """Problems of one event as problems of the body it came in."""
    return [replace(problem, pointer=prefix + problem.pointer) for problem in problems]


def _refuse(kind: Kind, items: Sequence[Any], found: Sequence[list[Problem]]) -> None:
    """Raises when any event has a problem."""
    bad = [item for item, problems in zip(items, found, strict=True) if problems]
    if bad:
        detail = f"{len(bad)} of {len(items)} events have problems; none was accepted" if len(items) > 1 else ""
        types = [item.get("type") if isinstance(item, dict) else None for item in bad]
        raise Refusal(kind, detail, [problem for problems in found for problem in problems], types)
