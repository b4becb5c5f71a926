"""The little that is done with each event where only the machinery is measured: the customer's state counts, and the event goes out again."""

from typing import Any

import msgspec

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode

OUT = "out"


def after(state: dict[str, Any] | None, raw: bytes) -> dict[str, Any]:
    """The customer's state with one more event."""
    event = _decode(raw)
    return {"events": (state or {}).get("events", 0) + 1, "last": event["id"], "type": event["type"]}


def stored_after(stored: bytes | None, raw: bytes) -> bytes:
    """The same where the state is kept as bytes."""
    return _encode(after(_decode(stored) if stored else None, raw))
