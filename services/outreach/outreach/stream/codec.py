"""A customer's record in the state table: how it is written, and how records of older versions are read."""

import zlib
from dataclasses import dataclass

import msgspec

from outreach.core.customer import VERSION, Customer
from outreach.stream import layout

DEFLATED_BEYOND = 4000
_FAST = 1
_DEFLATED = b"\x78"  # how zlib begins, and MessagePack's arrays and maps do not
_ARRAY = b"\x90"  # version 1 was a map, with the names of all fields


@dataclass(frozen=True, slots=True)
class Stored:
    """The customer, the moment (ms since 1970) under which the agenda lists them, and the activation they have gone over to (see `timeline`)."""

    agenda: int | None
    customer: Customer
    activation: int = 0


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(layout.Stored).decode
_decode_first = msgspec.msgpack.Decoder(Stored).decode


def encode(stored: Stored) -> bytes:
    """The record as it is stored: deflated when it is large. Equal records give equal bytes."""
    raw = pack(stored)
    return raw if len(raw) <= DEFLATED_BEYOND else zlib.compress(raw, _FAST)


def pack(stored: Stored) -> bytes:
    """MessagePack in the order of `layout`."""
    return _encode(msgspec.convert(stored, layout.Stored, from_attributes=True))


def decode(raw: bytes) -> Stored:
    """The record of any version up to ours; raises ValueError for one written by newer code, or for other bytes."""
    try:
        stored = _stored(zlib.decompress(raw) if raw[:1] == _DEFLATED else raw)
    except (msgspec.MsgspecError, zlib.error) as error:
        raise ValueError(f"expected a customer record of version {VERSION} or older, got {len(raw)} bytes that are none") from error
    if stored.customer.version > VERSION:
        raise ValueError(f"expected a customer record of version {VERSION} or older, got version {stored.customer.version}")
    return stored


def _stored(raw: bytes) -> Stored:
    if raw[:1] >= _ARRAY:
        return msgspec.convert(_decode(raw), Stored, from_attributes=True)
    first = _decode_first(raw)
    if first.customer.version == 1:
        first.customer.version = VERSION
    return first
