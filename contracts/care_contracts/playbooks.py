"""Versions of the playbook between processes: the record that carries one, and the event with which one becomes active in a partition."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from care_contracts.records import Event
from care_contracts.wire import Unreadable

LARGEST = 900_000  # brokers take records of about a million bytes unless told otherwise
_LARGEST_UNPACKED = 64 * 1024 * 1024
_ACTIVATED = "playbook.activated"
_SOURCE = "careloop/decide"

ACTIVATION_KEY = b""  # of no customer: ingest takes no empty id


@dataclass(frozen=True, slots=True)
class Version:
    """An accepted playbook: `version` is the content hash, `revision` git's name for it ("" for none), `files` the texts by path."""

    version: str
    revision: str
    files: Mapping[str, str]


class TooLarge(ValueError):
    """The playbook does not fit into one record."""


_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder(Version).decode


def encode_version(version: Version) -> bytes:
    """The value of a record of care.playbooks: compressed JSON; raises TooLarge."""
    packed = zlib.compress(_encode(version), 9)
    if len(packed) > LARGEST:
        raise TooLarge(f"expected a playbook that takes at most {LARGEST:,} bytes when compressed, got {len(packed):,}")
    return packed


def decode_version(raw: bytes | None) -> Version:
    """The version in a record of care.playbooks; raises Unreadable."""
    unpacking = zlib.decompressobj()
    try:
        text = unpacking.decompress(raw or b"", _LARGEST_UNPACKED)
        if unpacking.unconsumed_tail:
            raise Unreadable(f"expected a playbook of at most {_LARGEST_UNPACKED:,} bytes")
        return _decode(text)
    except (zlib.error, msgspec.DecodeError) as error:
        raise Unreadable(f"expected a playbook as compressed JSON, got {len(raw or b'')} bytes: {error}") from error


def activation(version: str, revision: str, at: int) -> Event:
    """The event that makes a version the active one of the partition that it is written to; `at` in ms since 1970."""
    return Event(f"{version}@{at}", _SOURCE, _ACTIVATED, "", at, at, {"version": version, "revision": revision})


def activated(event: Event) -> tuple[str, str] | None:
    """The version and revision that the event makes active; None for an event about a customer. Raises Unreadable for a false one."""
    if event.type != _ACTIVATED:
        return None
    version = event.data.get("version")
    if event.source != _SOURCE or event.customer_id or not isinstance(version, str):
        raise Unreadable("expected an activation to be written by decide, and to name a version")
    return version, str(event.data.get("revision", ""))
