"""The envelope of an event (CloudEvents 1.0): reads what other systems post, and tells everything that is wrong with it at once."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from care_contracts.catalogue import BY_NAME, FIELDS, EventType
from care_contracts.catalogue.fields import TIME_SHAPE, Flag, Id, Line, Moment
from care_contracts.catalogue.findings import findings
from care_contracts.catalogue.shapes import Shape, one_of
from care_contracts.catalogue.types import NAME, NAME_LENGTH, is_type_name
from care_contracts.clock import parse_rfc3339
from care_contracts.problems import Problem, closest, pointer, shape_of, spelled
from care_contracts.records import Event

FUTURE_MS = 10 * 60_000
GUESSES = 20
_TRACEPARENT = re.compile("^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")
_TYPE = Shape(
    "string",
    'lower-case words joined by dots, such as "order.placed"',
    is_type_name,
    lambda value: closest(value, BY_NAME),
    {"pattern": f"^{NAME.pattern}$", "maxLength": NAME_LENGTH},
    spoken=True,
)
_TRACE = Shape("string", "a trace parent (W3C Trace Context)", _TRACEPARENT.fullmatch, schema={"pattern": _TRACEPARENT.pattern})


class Envelope(BaseModel):
    """What surrounds an event's data. Unknown keys are errors; null means that a key is not there (CloudEvents JSON format, section 2.2)."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)

    id: Id = Field(description="names the event; the same id from the same source is the same event, so that repeating a request is safe")
    type: Annotated[str, _TYPE] = Field(description="what happened")
    subject: Id | None = Field(None, description="the customer it happened to")
    customer_id: Id | None = Field(None, description="the same as subject, for those who prefer the plain word")
    time: Moment | None = Field(None, description="when it happened; the moment of arrival where it is left out")
    data: dict[str, Any] | None = Field(None, description="the fields of the event's type, and whatever else is worth keeping")
    source: Id | None = Field(None, description="the system that says so; by default the API key's name")
    history: Flag | None = Field(None, description="true for imported events of the past, which are remembered but not acted upon")
    specversion: Annotated[str, one_of("1.0")] | None = Field(None, description="of CloudEvents")
    datacontenttype: Annotated[str, one_of("application/json")] | None = Field(None, description="of the data")
    dataschema: Line | None = Field(None, description="accepted and ignored")
    traceparent: Annotated[str, _TRACE] | None = None
    tracestate: Line | None = None


def read_event(raw: object, *, default_source: str, now: int) -> Event | list[Problem]:
    """The event that `raw` (a JSON object) describes, or every problem it has; `now` in ms since 1970 is when it came in."""
    if not isinstance(raw, Mapping):
        return [Problem("", "an event as a JSON object", shape_of(raw))]
    problems = [*_envelope(raw), *_customer(raw), *_future(raw, now), *_data(raw)]
    if problems:
        return problems
    when = raw.get("time")
    return Event(
        id=raw["id"],
        source=raw.get("source") or default_source,
        type=raw["type"],
        customer_id=raw.get("subject") or raw["customer_id"],
        time=now if when is None else parse_rfc3339(when),
        recorded=now,
        data=raw.get("data") or {},
        history=bool(raw.get("history")),
    )


def _envelope(raw: Mapping[str, Any]) -> Iterator[Problem]:
    known = {key: value for key, value in raw.items() if key in Envelope.model_fields}
    yield from findings(Envelope, known)
    row = _row(raw)
    fields = FIELDS[row.name] if row else {}
    for number, key in enumerate(key for key in raw if key not in known):
        suggestion = _misplaced(key, fields) if number < GUESSES else ""
        yield Problem(pointer(key), "no such key in the envelope", shape_of(raw[key]), suggestion)


def _row(raw: Mapping[str, Any]) -> EventType | None:
    name = raw.get("type")
    return BY_NAME.get(name) if isinstance(name, str) else None


def _misplaced(key: str, fields: Mapping[str, Any]) -> str:
    if key == "recordedtime":
        return 'Careloop sets it on arrival; say when it happened in "time"'
    return 'it belongs inside "data"' if key in fields else closest(key, Envelope.model_fields) or 'other fields belong inside "data"'


def _customer(raw: Mapping[str, Any]) -> Iterator[Problem]:
    subject, customer_id = raw.get("subject"), raw.get("customer_id")
    if subject is None and customer_id is None:
        yield Problem("/subject", "the customer's id, in subject or customer_id", "nothing")
    elif subject is not None and customer_id is not None and subject != customer_id:
        yield Problem("/customer_id", "the same customer as in subject", "another one", "leave one of the two out")


def _future(raw: Mapping[str, Any], now: int) -> Iterator[Problem]:
    when = raw.get("time")
    if isinstance(when, str) and TIME_SHAPE.accepts(when) and parse_rfc3339(when) > now + FUTURE_MS:
        yield Problem("/time", "a time not more than 10 minutes in the future", spelled(when))


def _data(raw: Mapping[str, Any]) -> Iterator[Problem]:
    data, row = raw.get("data"), _row(raw)
    if row and (data is None or isinstance(data, Mapping)):
        yield from findings(row.model, data or {}, "data")
