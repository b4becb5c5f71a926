"""Customers choose what they hear about; each change holds at once and becomes an event."""

import re

import httpx
import pytest
from care_contracts.links import Use
from care_contracts.suppression import EVERYTHING

from tests.feedback.stage import Service, letter

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


def ticked(page: httpx.Response) -> list[str]:
    return re.findall(r'value="(\w+)"[^>]* checked', page.text)


def told(service: Service) -> list[tuple[str, bool]]:
    return [(event.data["purpose"], event.data["granted"]) for event in service.topic.events]


async def test_before_a_word_was_said_care_and_questions_are_welcome(service: Service, client: httpx.AsyncClient) -> None:
    await service.writes(letter())

    assert ticked(await client.get(service.link(Use.PREFERENCES, letter()))) == ["care", "survey"]


async def test_saving_the_choice_as_it_was_is_no_news_but_holds_offers_off(service: Service, client: httpx.AsyncClient) -> None:
    await service.writes(letter())

    page = await client.post(service.link(Use.PREFERENCES, letter()), data={"wanted": ["care", "survey"]})

    assert "Your choice holds from now on" in page.text
    assert told(service) == [("promotion", False)]
    assert await service.stopped("care", "survey", "promotion") == ["promotion"]


async def test_a_change_holds_and_shows_and_can_be_taken_back(service: Service, client: httpx.AsyncClient) -> None:
    await service.writes(letter())
    link = service.link(Use.PREFERENCES, letter())

    first = await client.post(link, data={"wanted": ["care", "promotion"]})
    second = await client.post(link, data={"wanted": ["care", "survey"]})

    assert (ticked(first), ticked(second)) == (["care", "promotion"], ["care", "survey"])
    assert told(service) == [("survey", False), ("promotion", True), ("survey", True), ("promotion", False)]
    assert len({event.id for event in service.topic.events}) == 4
    assert await service.stopped("care", "survey", "promotion") == ["promotion"]


async def test_an_unsubscribe_shows_and_can_be_taken_back(service: Service, client: httpx.AsyncClient) -> None:
    await service.writes(letter(purpose="promotion"))
    link = service.link(Use.PREFERENCES, letter(purpose="promotion"))
    assert ticked(await client.get(link)) == ["care", "survey", "promotion"]

    await client.post(service.link(Use.UNSUBSCRIBE, letter(purpose="promotion")))
    assert ticked(await client.get(link)) == ["care", "survey"]
    await client.post(link, data={"wanted": ["care", "survey", "promotion"]})

    assert told(service) == [("promotion", False), ("promotion", True)]
    assert await service.stopped("promotion") == []


async def test_who_stopped_everything_and_welcomes_care_again_gets_just_care_and_service(service: Service, client: httpx.AsyncClient) -> None:
    await service.writes(letter())
    await client.post(service.link(Use.UNSUBSCRIBE, letter()), data={"everything": "yes"})
    link = service.link(Use.PREFERENCES, letter())
    assert ticked(await client.get(link)) == []
    service.topic.events.clear()

    page = await client.post(link, data={"wanted": "care"})

    assert ticked(page) == ["care"]
    assert sorted(told(service)) == [("care", True), ("service", True)]
    assert await service.stopped("care", "survey", "promotion", "service", EVERYTHING) == ["survey", "promotion"]


async def test_a_purpose_that_was_not_offered_cannot_be_chosen(service: Service, client: httpx.AsyncClient) -> None:
    await service.writes(letter())

    await client.post(service.link(Use.PREFERENCES, letter()), data={"wanted": ["care", "survey", "staff", "*"]})

    assert told(service) == [("promotion", False)]


async def test_what_nobody_ticks_is_left_out(service: Service, client: httpx.AsyncClient) -> None:
    await service.writes(letter())

    page = await client.post(service.link(Use.PREFERENCES, letter()))

    assert "we will not write to you about any of these" in page.text
    assert await service.stopped("care", "survey", "promotion", "service") == ["care", "survey", "promotion"]
