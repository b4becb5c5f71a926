"""What operators see: alive, ready, counted; and nothing about customers anywhere."""

import logging
from typing import Any

import httpx
import pytest
import structlog

ANNA = {"id": "anna-1", "type": "customer.created", "customer_id": "anna@northwind.example", "data": {"email": "anna@northwind.example", "first_name": "Anna"}}


async def test_a_process_without_a_broker_is_alive_but_not_ready(shop: httpx.AsyncClient, shelf: Any) -> None:
    assert (await shop.get("/readyz")).status_code == 200
    shelf.ready = False
    assert (await shop.get("/readyz")).status_code == 503
    assert (await shop.get("/healthz")).status_code == 200


async def test_events_are_counted_by_type_and_outcome(shop: httpx.AsyncClient, shelf: Any) -> None:
    await shop.post("/v1/events", json=[ANNA, ANNA | {"type": "visit.ended"}])
    await shop.post("/v1/events", json=ANNA | {"id": ""})
    await shop.post("/v1/events", json=["x"])
    shelf.ready = False
    await shop.post("/v1/events", json=ANNA)
    text = (await shop.get("/metrics")).text
    for line in (
        'care_ingest_events_total{outcome="accepted",type="customer.created"} 1.0',
        'care_ingest_events_total{outcome="accepted",type="other"} 1.0',
        'care_ingest_events_total{outcome="refused",type="customer.created"} 1.0',
        'care_ingest_events_total{outcome="refused",type="other"} 1.0',
        'care_ingest_events_total{outcome="unconfirmed",type="customer.created"} 1.0',
        'care_ingest_request_seconds_count{status="202"} 1.0',
        'care_ingest_request_seconds_count{status="422"} 2.0',
        'care_ingest_request_seconds_count{status="503"} 1.0',
    ):
        assert line in text


async def test_made_up_types_do_not_become_labels(shop: httpx.AsyncClient) -> None:
    for name in ("anna.smith", "x.y", 'a"b', ["list"], "x" * 5000):
        await shop.post("/v1/events", json=ANNA | {"type": name})
    text = (await shop.get("/metrics")).text
    assert {line.split('type="')[1].split('"')[0] for line in text.splitlines() if line.startswith("care_ingest_events_total")} == {"other"}


async def test_neither_logs_nor_metrics_name_a_customer(shop: httpx.AsyncClient, shelf: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with structlog.testing.capture_logs() as logs:
        await shop.post("/v1/events", json=ANNA)
        await shop.post("/v1/events", json=ANNA | {"data": ANNA["data"] | {"email": "anna@"}, "anna@northwind.example": 1})  # type: ignore[operator] # data is an object
        shelf.ready = False
        await shop.post("/v1/events", json=ANNA)
    seen = str(logs) + caplog.text + (await shop.get("/metrics")).text
    assert [log["event"] for log in logs] == ["refused", "not confirmed"]
    assert "anna" not in seen.lower()


@pytest.mark.parametrize("path", ["/healthz", "/docs", "/nothing", "/openapi.json"])
async def test_every_answer_carries_the_security_headers(shop: httpx.AsyncClient, path: str) -> None:
    headers = (await shop.get(path)).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


async def test_even_a_fault_of_ours_carries_them(shop: httpx.AsyncClient, shelf: Any) -> None:
    shelf.records = None
    response = await shop.post("/v1/events", json=ANNA)
    assert response.status_code == 500
    assert response.headers["X-Content-Type-Options"] == "nosniff"
