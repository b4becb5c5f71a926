"""Refusals: problem details with the place of what is wrong, kept for whoever mends the sender."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

JSON = {"Content-Type": "application/json"}
OPEN: dict[str, Any] = {"id": "1", "type": "a.b", "subject": "c"}


async def post(shop: httpx.AsyncClient, content: bytes, **headers: str) -> dict[str, Any]:
    response = await shop.post("/v1/events", content=content, headers=JSON | headers)
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["status"] == response.status_code
    assert body["title"]
    return body


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "line 1, column 1"),
        (b'{\n  "id": 1,\n  "type" "a.b"\n}', "line 3, column 10"),
        (b'{"id": "1"} x', "line 1, column 13"),
        (b'{"id": "\xff"}', "byte at position 8"),
        (b"[" * 19_000, "inside each other"),
        (b'{"id": ' + b"9" * 5_000 + b"}", "reasonable length"),
    ],
)
async def test_unreadable_json_is_refused_at_its_place(shop: httpx.AsyncClient, content: bytes, words: str) -> None:
    problem = await post(shop, content)
    assert problem["status"] == 400
    assert words in problem["detail"]


@pytest.mark.parametrize(
    ("event", "pointer"),
    [
        (b'{"id": "1", "id": "2"}', "/id"),
        (b'{"data": {"total": 1, "x": [{"a": 1, "a": 1}]}}', "/data/x/0/a"),
        (b'{"data": {"total": NaN}}', "/data/total"),
        (b'{"data": {"total": -Infinity}}', "/data/total"),
        (b'{"data": {"total": 1e999}}', "/data/total"),
        (b'{"data": {"n": [9223372036854775808]}}', "/data/n/0"),
        (b'{"data": {"text": "a\\u0000b"}}', "/data/text"),
        (b'{"data": {"text": "\\ud800"}}', "/data/text"),
        (b'{"data": {"\\ud800": 1}}', "/data/?"),
        (b'{"data": {"a": {"b": {"c": {"d": {"e": {}}}}}}}', "/data/a/b/c/d/e"),
        (b'{"data": {"a": [[[[[]]]]]}}', "/data/a/0/0/0/0"),
    ],
)
async def test_json_that_readers_would_see_differently_is_refused_with_a_pointer(shop: httpx.AsyncClient, event: bytes, pointer: str) -> None:
    problem = await post(shop, event)
    assert problem["status"] == 400
    assert [each["pointer"] for each in problem["problems"]] == [pointer]
    problem = await post(shop, b"[" + json.dumps(OPEN).encode() + b", " + event + b"]")
    assert [each["pointer"] for each in problem["problems"]] == ["/1" + pointer]


@pytest.mark.parametrize(
    "event",
    [
        b'{"id": "1", "type": "a.b", "subject": "c", "data": {"a": {"b": {"c": {"d": 9223372036854775807}}}}}',
        '\ufeff{"id": "1", "type": "a.b", "subject": "c", "data": {"\U0001f600": "é\u2028"}}'.encode(),
    ],
)
async def test_what_is_unusual_but_clear_is_accepted(shop: httpx.AsyncClient, event: bytes) -> None:
    assert (await shop.post("/v1/events", content=event, headers=JSON)).status_code == 202


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonp"])
async def test_only_json_is_read(shop: httpx.AsyncClient, kind: str) -> None:
    assert (await post(shop, b"{}", **{"Content-Type": kind}))["status"] == 415


async def test_compressed_bodies_are_refused(shop: httpx.AsyncClient) -> None:
    assert (await post(shop, b"{}", **{"Content-Encoding": "gzip"}))["status"] == 415


async def test_a_large_body_is_refused_by_its_announced_length(shop: httpx.AsyncClient) -> None:
    read = False

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        read = True
        yield b" " * 20_001

    response = await shop.post("/v1/events", content=body(), headers=JSON | {"Content-Length": "20001"})
    assert response.status_code == 413
    assert "at most 20000 bytes" in response.json()["detail"]
    assert not read


async def test_a_large_body_without_a_length_is_refused_as_soon_as_it_is_too_large(shop: httpx.AsyncClient) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 1_000_000:
            sent += 1000
            yield b" " * 1000

    response = await shop.post("/v1/events", content=endless(), headers=JSON)
    assert response.status_code == 413
    assert sent <= 30_000


async def test_a_body_that_does_not_come_is_given_up(shop: httpx.AsyncClient) -> None:
    async def stuck() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    assert (await shop.post("/v1/events", content=stuck(), headers=JSON)).status_code == 408


async def test_too_many_events_are_refused(shop: httpx.AsyncClient) -> None:
    assert (await post(shop, json.dumps([OPEN] * 6).encode()))["status"] == 413
    assert (await post(shop, b"[]"))["detail"] == "expected 1 to 5 events, got 0"


async def test_a_large_event_is_refused_at_its_place(shop: httpx.AsyncClient, shelf: Any) -> None:
    large = OPEN | {"data": {"text": "x" * 2000}}
    problem = await post(shop, json.dumps([OPEN, large]).encode())
    assert [(each["pointer"], each["expected"]) for each in problem["problems"]] == [("/1", "an event of at most 2000 bytes")]
    assert shelf.records == []


async def test_very_many_problems_are_counted_beyond_a_thousand(shop: httpx.AsyncClient) -> None:
    problem = await post(shop, json.dumps({f"k{number}": 0 for number in range(1100)}).encode())
    assert len(problem["problems"]) == 1000
    assert problem["more"] == 1103 - 1000


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/v1/events", 405), ("DELETE", "/docs", 405), ("GET", "/nothing", 404), ("POST", "/v1/events/", 404)]
)
async def test_a_wrong_address_is_a_problem_too(shop: httpx.AsyncClient, method: str, path: str, status: int) -> None:
    response = await shop.request(method, path, follow_redirects=True)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    assert ("Allow" in response.headers) == (status == 405)


async def test_an_invalid_payload_is_kept_for_whoever_mends_the_sender(shop: httpx.AsyncClient, shelf: Any) -> None:
    await post(shop, b'{"id": 7}')
    [record] = shelf.aside
    kept = json.loads(record.value)
    assert record.key == b"api:shop"
    assert (kept["source"], kept["at"], kept["payload"]) == ("api:shop", "2026-03-02T10:00:00.000Z", '{"id": 7}')
    assert "/id" in {problem["pointer"] for problem in kept["problems"]}


async def test_unreadable_bytes_are_kept_as_text(shop: httpx.AsyncClient, shelf: Any) -> None:
    await post(shop, b"\xff{")
    assert json.loads(shelf.aside[0].value)["payload"] == "\ufffd{"


async def test_a_fault_of_ours_says_nothing_about_itself(shop: httpx.AsyncClient, shelf: Any) -> None:
    shelf.records = None
    response = await shop.post("/v1/events", json=OPEN)
    assert response.status_code == 500
    assert response.json()["type"] == "/docs#failed"
    assert "NoneType" not in response.text
