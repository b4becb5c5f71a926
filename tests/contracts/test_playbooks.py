"""Versions of the playbook on their way between processes."""

import os
import zlib

import pytest
from care_contracts.playbooks import TooLarge, Version, activated, activation, decode_version, encode_version
from care_contracts.records import Event
from care_contracts.wire import Unreadable, decode_event, encode_event

VERSION = Version("5f0e", "abc-dirty", {"policy.yaml": "brand: {name: Nord}\n", "letters/hi.md": "Grüße"})


def test_a_version_comes_back_as_it_was_and_always_as_the_same_bytes() -> None:
    assert decode_version(encode_version(VERSION)) == VERSION
    assert encode_version(VERSION) == encode_version(Version("5f0e", "abc-dirty", dict(reversed(list(VERSION.files.items())))))


def test_a_playbook_that_no_broker_would_take_is_refused_in_words() -> None:
    with pytest.raises(TooLarge, match=r"at most 900,000 bytes when compressed, got 1,\d"):
        encode_version(Version("5f0e", "", {"letters/hi.md": os.urandom(1_000_000).hex()}))


@pytest.mark.parametrize("raw", [None, b"", b"{}", zlib.compress(b"{}"), zlib.compress(b" " * 70_000_000)])
def test_bytes_that_are_no_version_are_unreadable(raw: bytes | None) -> None:
    with pytest.raises(Unreadable):
        decode_version(raw)


def test_an_activation_is_an_event_about_no_customer() -> None:
    event = decode_event(encode_event(activation("5f0e", "abc", 1_000)))
    assert (event.customer_id, event.time, activated(event)) == ("", 1_000, ("5f0e", "abc"))
    assert activated(Event("e1", "shop", "order.placed", "c1", 1, 1)) is None


@pytest.mark.parametrize(("source", "customer"), [("shop", ""), ("careloop/decide", "c1")])
def test_nobody_else_activates_anything(source: str, customer: str) -> None:
    with pytest.raises(Unreadable):
        activated(Event("e1", source, "playbook.activated", customer, 1, 1, {"version": "5f0e"}))
