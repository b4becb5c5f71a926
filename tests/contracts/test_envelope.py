"""The envelope: strict about its own keys, and every problem told at once."""

from typing import Any

import pytest
from care_contracts.clock import parse_rfc3339
from care_contracts.envelope import FUTURE_MS, read_event
from care_contracts.problems import Problem

NOW = parse_rfc3339("2026-03-02T10:00:00Z")


def test_plain_json_becomes_an_event_that_happened_now(accepted: Any) -> None:
    event = accepted()
    assert (event.id, event.source, event.type, event.customer_id) == ("1", "api:shop", "order.delivered", "c1")
    assert event.time == event.recorded == NOW
    assert event.data == {"order_id": "A1"}
    assert not event.history


def test_a_cloud_event_is_read_in_full(accepted: Any) -> None:
    event = accepted(
        specversion="1.0",
        source="warehouse",
        subject="c7",
        customer_id="left out",
        time="2026-02-28T12:00:00+02:00",
        datacontenttype="application/json",
        dataschema="https://schemas.example/order",
        history=True,
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        tracestate="shop=1",
    )
    assert (event.source, event.customer_id, event.history) == ("warehouse", "c7", True)
    assert event.time == parse_rfc3339("2026-02-28T10:00:00Z")
    assert event.recorded == NOW


def test_null_means_not_there(accepted: Any) -> None:
    assert accepted(source=None, time=None, subject=None, history=None).source == "api:shop"


def test_everything_wrong_is_told_at_once(problems: Any) -> None:
    found = problems(id="left out", customer_id="left out", custmer_id="c1", time="2026-03-02T10:00:00", history="yes", data={"total": "3"})
    assert set(found) == {"/id", "/subject", "/custmer_id", "/time", "/history", "/data/order_id", "/data/total"}


@pytest.mark.parametrize(
    ("key", "suggestion"),
    [
        ("custmer_id", 'did you mean "customer_id"?'),
        ("Type", 'did you mean "type"?'),
        ("order_id", 'it belongs inside "data"'),
        ("colour", 'other fields belong inside "data"'),
        ("recordedtime", 'Careloop sets it on arrival; say when it happened in "time"'),
    ],
)
def test_an_unknown_key_comes_with_what_was_probably_meant(problems: Any, key: str, suggestion: str) -> None:
    assert problems(**{key: "x"})[f"/{key}"].suggestion == suggestion


def test_a_key_is_escaped_in_its_pointer(problems: Any) -> None:
    assert set(problems(**{"a/b~c": 1})) == {"/a~1b~0c"}


def test_subject_and_customer_id_may_agree_but_not_differ(accepted: Any, problems: Any) -> None:
    assert accepted(subject="c1").customer_id == "c1"
    assert set(problems(subject="c2")) == {"/customer_id"}


@pytest.mark.parametrize("name", ["", " c1", "c1 ", "c\n1", "c\x001", "c\u200b1", "c" * 129, 17, True, ["c1"]])
def test_a_customer_has_one_readable_name(problems: Any, name: Any) -> None:
    assert set(problems(customer_id=name)) == {"/customer_id"}


def test_a_name_may_be_long_and_in_any_script(accepted: Any) -> None:
    assert accepted(customer_id="顧客 " + "é" * 125).customer_id.startswith("顧客")


@pytest.mark.parametrize("late", ["2026-03-02T10:10:00.001Z", "2026-03-02T12:10:01+02:00", "2999-01-01T00:00:00Z"])
def test_more_than_ten_minutes_in_the_future_is_refused(problems: Any, late: str) -> None:
    assert problems(time=late)["/time"].expected == "a time not more than 10 minutes in the future"


def test_ten_minutes_in_the_future_are_a_clock_that_goes_wrong(accepted: Any) -> None:
    assert accepted(time="2026-03-02T10:10:00Z").time == NOW + FUTURE_MS


@pytest.mark.parametrize(
    "time", ["2026-03-02", "2026-03-02T10:00:00", "20260302T100000Z", "2026-W10-1T10:00:00Z", "1969-12-31T23:59:59Z", "2026-02-30T10:00:00Z", "now", 7]
)
def test_a_time_is_rfc_3339_with_a_zone(problems: Any, time: Any) -> None:
    assert set(problems(time=time)) == {"/time"}


def test_a_forgotten_zone_is_recognised(problems: Any) -> None:
    assert problems(time="2026-03-02T10:00:00")["/time"].suggestion == 'add the zone, such as "Z" for UTC'
    assert problems(time="2026-03-02")["/time"].suggestion == "add the time of day and the zone"


@pytest.mark.parametrize("name", ["visit.ended", "shop.cart.item_2.moved"])
def test_types_of_ones_own_are_welcome(accepted: Any, name: str) -> None:
    assert accepted(type=name, data={"anything": [1, {"goes": None}]}).type == name


@pytest.mark.parametrize(
    "name", ["order", "Order.Placed", "order placed", "order.", ".placed", "1.a", "order-x.placed", "playbook.activated", "a." + "b" * 63, 7, None]
)
def test_other_names_are_not(problems: Any, name: Any) -> None:
    assert "/type" in problems(type=name)


@pytest.mark.parametrize(
    ("key", "value"), [("specversion", "0.3"), ("datacontenttype", "text/xml"), ("traceparent", "x"), ("data", [1]), ("data", "x"), ("data_base64", "AA==")]
)
def test_what_does_not_belong_into_a_cloud_event_of_ours_is_refused(problems: Any, key: str, value: Any) -> None:
    assert set(problems(**{key: value})) == {f"/{key}"}


@pytest.mark.parametrize("raw", [None, 3, "text", [], [{}]])
def test_only_an_object_is_an_event(raw: Any) -> None:
    assert read_event(raw, default_source="api:shop", now=NOW) == [Problem("", "an event as a JSON object", read_event_got(raw))]


def read_event_got(raw: Any) -> str:
    return {"NoneType": "null", "int": "a number", "str": "text of 4 characters"}.get(
        type(raw).__name__, f"a list of {len(raw) if isinstance(raw, list) else 0}"
    )
