"""A customer's record in the state table: how it is written, and how records of older versions are read."""

from dataclasses import dataclass

import msgspec

from outreach.core.customer import VERSION, Customer


@dataclass(frozen=True, slots=True)
class Stored:
    """The customer, the moment (ms since 1970) under which the agenda lists them, and the activation they have gone over to (see `timeline`)."""

    agenda: int | None
    customer: Customer
    activation: int = 0


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Stored).decode


def encode(stored: Stored) -> bytes:
    """MessagePack; equal records give equal bytes."""
    return _encode(stored)


def decode(raw: bytes) -> Stored:
    """The record of any version up to ours; raises ValueError for one written by newer code, or for other bytes."""
    try:
        stored = _decode(raw)
    except msgspec.DecodeError as error:
        raise ValueError(f"expected a customer record of version {VERSION} or older, got {len(raw)} bytes that are none") from error
    if stored.customer.version > VERSION:
        raise ValueError(f"expected a customer record of version {VERSION} or older, got version {stored.customer.version}")
    return stored
