"""Posting events: accepted when the broker has them, all or none, again without harm."""

import time
from typing import Any

import httpx
import pytest
from care_contracts.clock import parse_rfc3339
from care_contracts.published import examples
from care_contracts.wire import decode_event

DELIVERED: dict[str, Any] = {"id": "1", "type": "order.delivered", "customer_id": "c1", "data": {"order_id": "A1", "total": 42.5}}


async def test_an_event_is_accepted_and_stored_under_its_customer(shop: httpx.AsyncClient, shelf: Any) -> None:
    response = await shop.post("/v1/events", json=DELIVERED)
    assert response.status_code == 202
    assert response.json() == {"accepted": [{"id": "1", "status": "accepted"}]}
    [record] = shelf.records
    event = decode_event(record.value)
    assert record.key == b"c1"
    assert (event.id, event.source, event.customer_id, event.data) == ("1", "api:shop", "c1", DELIVERED["data"])
    assert event.time == event.recorded == parse_rfc3339("2026-03-02T10:00:00Z")


async def test_an_array_is_stored_in_its_order(shop: httpx.AsyncClient, shelf: Any) -> None:
    events = [DELIVERED | {"id": str(number)} for number in range(5)]
    response = await shop.post("/v1/events", json=events)
    assert [each["id"] for each in response.json()["accepted"]] == ["0", "1", "2", "3", "4"]
    assert [decode_event(record.value).id for record in shelf.records] == ["0", "1", "2", "3", "4"]


async def test_a_type_that_is_nearly_a_known_one_is_accepted_with_a_note(shop: httpx.AsyncClient) -> None:
    response = await shop.post("/v1/events", json=[DELIVERED | {"type": name} for name in ("order.deliverd", "visit.ended", "order.delivered")])
    assert response.status_code == 202
    notes = [each.get("note") for each in response.json()["accepted"]]
    assert notes == ['order.deliverd is not in the catalogue: did you mean "order.delivered"?', None, None]


async def test_one_bad_event_keeps_the_whole_array_out(shop: httpx.AsyncClient, shelf: Any) -> None:
    response = await shop.post("/v1/events", json=[DELIVERED, {"id": "2", "type": "order.placed", "customer_id": "c"}, {"type": "a.b", "data": {}}, 7])
    assert response.status_code == 422
    assert [each["pointer"] for each in response.json()["problems"]] == ["/1/data/order_id", "/2/id", "/2/subject", "/3"]
    assert response.json()["detail"] == "3 of 4 events have problems; none was accepted"
    assert shelf.records == []


async def test_repeating_a_request_is_accepted_again_with_the_same_identity(shop: httpx.AsyncClient, shelf: Any) -> None:
    for _ in range(2):
        assert (await shop.post("/v1/events", json=DELIVERED)).status_code == 202
    first, second = (decode_event(record.value) for record in shelf.records)
    assert (first.id, first.source) == (second.id, second.source)


async def test_without_the_broker_the_answer_is_come_again(shop: httpx.AsyncClient, shelf: Any) -> None:
    shelf.ready = False
    response = await shop.post("/v1/events", json=DELIVERED)
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert response.json()["type"] == "/docs#unconfirmed"
    assert shelf.records == []


@pytest.mark.parametrize(("event_type", "name", "event"), [pytest.param(*each, id=f"{each[0]}-{each[1]}") for each in examples()])
async def test_every_published_example_can_be_posted(shop: httpx.AsyncClient, shelf: Any, event_type: str, name: str, event: Any) -> None:
    others = {key: value for key, value in event.items() if key != "source" or not str(value).startswith("careloop/")}
    response = await shop.post("/v1/events", json=others)
    assert response.status_code == 202, (name, response.text)
    assert decode_event(shelf.records[0].value).type == event_type


@pytest.mark.parametrize("source", ["careloop/courier", "api:somebody-else"])
async def test_nobody_speaks_as_one_of_our_services_or_as_another_key(shop: httpx.AsyncClient, shelf: Any, source: str) -> None:
    response = await shop.post("/v1/events", json=DELIVERED | {"source": source})
    assert (response.status_code, [problem["pointer"] for problem in response.json()["problems"]]) == (422, ["/source"])
    assert shelf.records == []


async def test_a_doubled_key_among_many_is_found_without_delay(shop: httpx.AsyncClient) -> None:
    began = time.monotonic()
    body = '{"id": "1", "id": "2", ' + ", ".join(f'"k{number}": 1' for number in range(22_000)) + "}"
    response = await shop.post("/v1/events", content=body, headers={"content-type": "application/json"})
    assert response.status_code in (400, 413, 422)
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    "media_type", ["application/json", "application/json; charset=utf-8", "application/cloudevents+json", "Application/CloudEvents-Batch+JSON"]
)
async def test_cloud_events_media_types_are_understood(shop: httpx.AsyncClient, media_type: str) -> None:
    response = await shop.post("/v1/events", content=b'{"id": "1", "type": "a.b", "subject": "c"}', headers={"Content-Type": media_type})
    assert response.status_code == 202


async def test_each_system_has_a_key_and_a_name_of_its_own(shop: httpx.AsyncClient, shelf: Any, helpdesk_key: str) -> None:
    headers = {"Authorization": "", "X-Api-Key": helpdesk_key}
    assert (await shop.post("/v1/events", json=DELIVERED, headers=headers)).status_code == 202
    assert decode_event(shelf.records[0].value).source == "api:helpdesk"


@pytest.mark.parametrize(
    "headers", [{"Authorization": ""}, {"Authorization": "Bearer care_wrong"}, {"Authorization": "Basic c2hvcA=="}, {"Authorization": "", "X-Api-Key": "é"}]
)
async def test_without_a_valid_key_nothing_is_read(shop: httpx.AsyncClient, shelf: Any, headers: dict[str, str]) -> None:
    raw = {name: value.encode() for name, value in headers.items()}
    response = await shop.post("/v1/events", content=b"{", headers=list(raw.items()))  # type: ignore[arg-type] # bytes are headers, too
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert shelf.aside == []
