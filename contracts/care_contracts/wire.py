"""Bytes on the topics to values and back: the one place that encodes and decodes, so that personal fields have one door."""

from typing import Any

import msgspec
from msgspec.structs import asdict

from care_contracts.clock import parse_rfc3339, rfc3339
from care_contracts.reasons import Reason, Verdict
from care_contracts.records import Command, Decision, Event

_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder().decode


_storable = msgspec.msgpack.Encoder().encode  # a whole number of more than 64 bits could be kept in no record of a customer


class Unreadable(ValueError):
    """A record's bytes are not what its topic carries; the message says what was expected and what came."""


def _object(raw: bytes | None, what: str) -> dict[str, Any]:
    try:
        value = _decode(raw or b"")
    except msgspec.DecodeError as error:
        raise Unreadable(f"expected {what} as JSON, got {len(raw or b'')} bytes: {error}") from error
    if not isinstance(value, dict):
        raise Unreadable(f"expected {what} as a JSON object, got {type(value).__name__}")
    return value


def encode_event(event: Event) -> bytes:
    """CloudEvents 1.0 JSON (structured mode, section 3) with the `recordedtime` extension."""
    return _encode(
        {
            "specversion": "1.0",
            "id": event.id,
            "source": event.source,
            "type": event.type,
            "subject": event.customer_id,
            "time": rfc3339(event.time),
            "recordedtime": rfc3339(event.recorded),
            "data": event.data,
            **({"history": True} if event.history else {}),
        }
    )


def decode_event(raw: bytes | None) -> Event:
    """The event in a record of care.events; raises Unreadable. `data` is always an object."""
    value = _object(raw, "an event")
    try:
        data = value.get("data") or {}
        if not isinstance(data, dict):
            raise Unreadable(f"expected an object in the event's data, got {type(data).__name__}")
        _storable(data)
        when = parse_rfc3339(value["time"])
        recorded = parse_rfc3339(value["recordedtime"])
        return Event(str(value["id"]), str(value["source"]), str(value["type"]), str(value["subject"]), when, recorded, data, bool(value.get("history")))
    except KeyError as error:
        raise Unreadable(f"expected the field {error} in an event") from error
    except (TypeError, ValueError, OverflowError) as error:
        raise Unreadable(f"expected an event's fields in their types: {error}") from error


def _encode_timed(record: Command | Decision, times: tuple[str, ...]) -> bytes:
    value = asdict(record)
    for name in times:
        if value[name] is not None:
            value[name] = rfc3339(value[name])
    return _encode(value)


_COMMAND_TIMES = ("at", "due", "not_after")
_DECISION_TIMES = ("at", "until")


def encode_command(command: Command) -> bytes:
    """JSON of a command, times as RFC 3339; equal commands give equal bytes."""
    return _encode_timed(command, _COMMAND_TIMES)


def decode_command(raw: bytes | None) -> Command:
    """The command in a record of care.outreach; raises Unreadable."""
    value = _object(raw, "a command")
    try:
        return Command(**(value | {name: parse_rfc3339(value[name]) for name in _COMMAND_TIMES}))
    except (KeyError, TypeError, ValueError) as error:
        raise Unreadable(f"expected a command's fields in their types: {error}") from error


def encode_decision(decision: Decision) -> bytes:
    """JSON of a decision record, times as RFC 3339; equal decisions give equal bytes."""
    return _encode_timed(decision, _DECISION_TIMES)


def decode_decision(raw: bytes | None) -> Decision:
    """The decision in a record of care.decisions; raises Unreadable."""
    value = _object(raw, "a decision")
    try:
        value |= {"verdict": Verdict(value["verdict"]), "at": parse_rfc3339(value["at"])}
        value["reason"] = Reason(value["reason"]) if value["reason"] else None
        value["until"] = parse_rfc3339(value["until"]) if value["until"] else None
        return Decision(**value)
    except (KeyError, TypeError, ValueError) as error:
        raise Unreadable(f"expected a decision's fields in their types: {error}") from error
