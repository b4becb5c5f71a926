"""Bytes on the topics: what is written is read back, what is no record is refused with words."""

import json
from typing import Any

import pytest
from care_contracts.reasons import Reason, Verdict
from care_contracts.records import Command, Decision, Event
from care_contracts.wire import Unreadable, decode_command, decode_decision, decode_event, encode_command, encode_decision, encode_event
from hypothesis import given
from hypothesis import strategies as st

NOW = 1_772_445_600_000
moments = st.integers(0, 4_102_444_800_000)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | words, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3)
)
DATA = st.dictionaries(words, values, max_size=4)


def command(**more: Any) -> Command:
    plain = dict.fromkeys(("kind", "command_id", "customer_id", "rule", "step", "occurrence", "purpose", "playbook", "language", "what"), "x")
    return Command(**{**plain, "at": NOW, "due": NOW, "not_after": NOW + 1, **more})


@given(st.builds(Event, words, words, words, words, moments, moments, DATA, st.booleans()))
def test_an_event_survives_the_topic(event: Event) -> None:
    assert decode_event(encode_event(event)) == event


@given(st.builds(command, due=moments, context=DATA, address=words))
def test_a_command_survives_the_topic(value: Command) -> None:
    assert decode_command(encode_command(value)) == value


@given(
    st.builds(Decision, st.sampled_from(Verdict), moments, words, words, words, words, words, st.none() | st.sampled_from(Reason), until=st.none() | moments)
)
def test_a_decision_survives_the_topic(decision: Decision) -> None:
    assert decode_decision(encode_decision(decision)) == decision


def test_an_event_on_the_topic_is_a_cloud_event() -> None:
    raw = json.loads(encode_event(Event("1", "api:shop", "order.placed", "c1", NOW, NOW + 5, {"order_id": "A1"})))
    assert raw == {
        "specversion": "1.0",
        "id": "1",
        "source": "api:shop",
        "type": "order.placed",
        "subject": "c1",
        "time": "2026-03-02T10:00:00.000Z",
        "recordedtime": "2026-03-02T10:00:00.005Z",
        "data": {"order_id": "A1"},
    }


def test_equal_events_make_equal_bytes_whatever_the_order_of_their_fields() -> None:
    one, other = ({"a": 1, "b": 2}, {"b": 2, "a": 1})
    assert encode_event(Event("1", "s", "a.b", "c", NOW, NOW, one)) == encode_event(Event("1", "s", "a.b", "c", NOW, NOW, other))


@pytest.mark.parametrize("raw", [None, b"", b"{", b"[]", b"7", b"\xff", b"{}", b'{"id": 1}'])
@pytest.mark.parametrize("decode", [decode_event, decode_command, decode_decision])
def test_what_is_no_record_is_refused_with_words(decode: Any, raw: bytes | None) -> None:
    with pytest.raises(Unreadable, match="expected"):
        decode(raw)


@pytest.mark.parametrize(
    "broken", [{"time": "yesterday"}, {"time": 7}, {"recordedtime": "2026-03-02T10:00:00"}, {"data": [1]}, {"data": {"n": [{"n": 2**64}]}}]
)
def test_an_event_with_an_unfit_field_is_refused(broken: dict[str, Any]) -> None:
    raw = json.loads(encode_event(Event("1", "s", "a.b", "c", NOW, NOW)))
    with pytest.raises(Unreadable):
        decode_event(json.dumps(raw | broken).encode())
