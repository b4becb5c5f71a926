"""Unsubscribing holds before it is answered, whoever is away, and one click in the mail program is enough (RFC 8058)."""

import asyncio

import httpx
import pytest
from care_contracts.links import Use
from care_contracts.suppression import EVERYTHING

from tests.feedback.stage import Service, letter

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


async def test_the_page_has_one_button_and_changes_nothing(service: Service, client: httpx.AsyncClient) -> None:
    await service.writes(letter())

    page = await client.get(service.link(Use.UNSUBSCRIBE, letter()))

    assert page.text.count("<button") == 1
    assert await service.stopped("care") == []


@pytest.mark.parametrize("multipart", [False, True])
async def test_one_click_stops_this_kind_of_letter_at_once(service: Service, client: httpx.AsyncClient, multipart: bool) -> None:
    await service.writes(letter(purpose="promotion"))
    link = service.link(Use.UNSUBSCRIBE, letter(purpose="promotion"))

    page = await (client.post(link, files={"List-Unsubscribe": (None, "One-Click")}) if multipart else client.post(link, data=ONE_CLICK))

    assert page.status_code == 200
    assert page.history == []
    assert "set-cookie" not in page.headers
    assert await service.stopped("promotion", "care", EVERYTHING) == ["promotion"]
    (event,) = service.topic.events
    expected = {"purpose": "promotion", "granted": False, "channel": "email", "source": "one-click", "command_id": letter().command_id}
    assert (event.type, event.customer_id, event.data) == ("consent.changed", "ada", expected)


async def test_one_click_may_come_twice(service: Service, client: httpx.AsyncClient) -> None:
    await service.writes(letter())
    link = service.link(Use.UNSUBSCRIBE, letter())

    pages = [await client.post(link, data=ONE_CLICK) for _ in range(3)]

    assert [page.status_code for page in pages] == [200, 200, 200]
    assert len(service.topic.events) == 1


async def test_the_page_can_stop_everything(service: Service, client: httpx.AsyncClient) -> None:
    await service.writes(letter())

    page = await client.post(service.link(Use.UNSUBSCRIBE, letter()), data={"everything": "yes"})

    assert "You will not receive any more emails from us" in page.text
    assert await service.stopped("care", "survey", "promotion", "service", EVERYTHING) == ["care", "survey", "promotion", "service", EVERYTHING]
    assert {event.data["purpose"] for event in service.topic.events} == {"care", "survey", "promotion", "service"}
    assert {(event.data["granted"], event.data["source"]) for event in service.topic.events} == {(False, "page")}


@pytest.mark.parametrize("silent", [False, True])
async def test_a_broker_that_is_away_delays_only_the_event(service: Service, client: httpx.AsyncClient, silent: bool) -> None:
    await service.writes(letter())
    service.topic.away, service.topic.silent = True, silent

    page = await asyncio.wait_for(client.post(service.link(Use.UNSUBSCRIBE, letter()), data=ONE_CLICK), 4)

    assert page.status_code == 200
    assert await service.stopped("care") == ["care"]
    assert await service.outbox.waiting() == 1


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"", "text/plain"), (b"{}", "application/json"), (b"List-Unsubscribe=One-Click", "application/x-www-form-urlencoded; charset=utf-8")],
)
async def test_an_odd_body_still_unsubscribes(service: Service, client: httpx.AsyncClient, content: bytes, kind: str) -> None:
    await service.writes(letter())

    page = await client.post(service.link(Use.UNSUBSCRIBE, letter()), content=content, headers={"content-type": kind})

    assert page.status_code == 200
    assert await service.stopped("care") == ["care"]


async def test_a_form_that_cannot_be_read_is_refused_in_words(service: Service, client: httpx.AsyncClient) -> None:
    await service.writes(letter())

    page = await client.post(service.link(Use.UNSUBSCRIBE, letter()), content=b"nonsense", headers={"content-type": "multipart/form-data; boundary=x"})

    assert page.status_code == 400
    assert "We could not read this" in page.text
