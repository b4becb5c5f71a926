"""A line of the log as an event: as it lies on care.events, or as it was posted to the API."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from care_contracts.clock import parse_rfc3339, to_ms
from care_contracts.envelope import read_event
from care_contracts.records import Event
from care_contracts.wire import Unreadable, decode_event

DEFAULT_SOURCE = "log"
TOLD = 3

Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Head(msgspec.Struct, frozen=True, gc=False):
    """What is needed of a line in order to know where it belongs; the rest is skipped, which is ten times as fast as reading it."""

    id: str
    type: str
    time: Moment
    subject: str | None = None
    customer_id: str | None = None
    recordedtime: Moment | None = None

    @property
    def customer(self) -> str:
        """Whose event it is; "" when it does not say."""
        return self.subject or self.customer_id or ""


read_head = msgspec.json.Decoder(Head).decode
_decode = msgspec.json.Decoder().decode


def read_line(raw: bytes) -> Event:
    """The event of a line; raises Unreadable.

    A line with `recordedtime` was accepted before and is read as it is on care.events. Any other one is as posted: it is checked
    as the API checks it, and what the API would refuse is unreadable. Its own time then counts as the time it was recorded.
    """
    try:
        value = _decode(raw)
    except msgspec.DecodeError as error:
        raise Unreadable(f"expected an event as JSON: {error}") from error
    if not isinstance(value, dict):
        raise Unreadable(f"expected an event as a JSON object, got {type(value).__name__}")
    return decode_event(raw) if "recordedtime" in value else _posted(value)


def _posted(value: dict[str, Any]) -> Event:
    when = value.get("time")
    if not isinstance(when, str):
        raise Unreadable("expected when it happened in /time, got nothing that says so")
    try:
        recorded = parse_rfc3339(when)
    except ValueError as error:
        raise Unreadable("expected an RFC 3339 time in /time") from error
    event = read_event(value, default_source=DEFAULT_SOURCE, now=recorded)
    if isinstance(event, Event):
        return event
    told = [f"{problem.pointer or '/'}: expected {problem.expected}, got {problem.got}" for problem in event[:TOLD]]
    raise Unreadable("; ".join(told) + (f"; and {len(event) - TOLD} more" if len(event) > TOLD else ""))


def recorded_of(head: Head) -> int:
    """When it was recorded (ms since 1970)."""
    return to_ms(head.recordedtime or head.time)
