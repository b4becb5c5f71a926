"""The world around the system: what it plays is real, repeatable and in order."""

import asyncio
from collections import Counter
from functools import partial

import httpx
import pytest
from care_contracts.clock import Clock

from deploy.embedded.driver.agenda import Agenda
from deploy.embedded.driver.forms import form_on
from deploy.embedded.driver.people import TEMPERAMENTS, person
from deploy.embedded.driver.posting import Poster, Refused
from deploy.embedded.driver.purchases import choose, purchases
from deploy.embedded.driver.story import Fact, Story

PAGE = """<form method="get"><input name="q"></form>
<form method="post" action="/s/abc"><input type="hidden" name="nonce" value="7">
<input type="radio" name="score" value="1"><input type="radio" name="score" value="2" checked><textarea name="comment"></textarea></form>"""


def test_the_purchases_are_all_there() -> None:
    bought = purchases()
    assert len(bought) == 2357
    assert sum(map(len, bought.values())) == 6919
    assert bought["0001"][0].dollars == 29.33


def test_a_seed_always_plays_the_same_lives() -> None:
    bought = purchases()
    assert choose(bought, 20, seed=1) == choose(bought, 20, seed=1) != choose(bought, 20, seed=2)
    assert Story(person("0001", 1), bought["0001"], 1).facts() == Story(person("0001", 1), bought["0001"], 1).facts()


def test_a_life_begins_with_the_customer_and_tells_every_order_to_its_delivery() -> None:
    bought = purchases()["0001"]
    facts = Story(person("0001", 1), bought, 1).facts()
    kinds = Counter(fact.type for fact in facts)
    assert facts[0].type == "customer.created"
    assert facts == sorted(facts)
    assert kinds["order.placed"] == kinds["order.shipped"] == kinds["order.delivered"] == len(bought)
    assert len({(fact.source, fact.id) for fact in facts}) == len(facts)


def test_there_are_people_of_every_temperament_in_two_languages() -> None:
    people = [person(f"{number:04}", 1) for number in range(300)]
    assert {who.temperament for who in people} == set(TEMPERAMENTS)
    assert {who.language for who in people} == {"en", "de"}


def test_the_form_that_is_posted_is_found_with_everything_in_it() -> None:
    form = form_on(PAGE, "http://127.0.0.1:8082/s/abc?score=2")
    assert form is not None
    assert form.action == "http://127.0.0.1:8082/s/abc"
    assert (form.hidden, form.choices, form.texts) == ({"nonce": "7"}, {"score": ["1", "2"]}, ["comment"])


def test_a_page_without_a_form_has_none() -> None:
    assert form_on("<p>Thank you</p>", "http://x.example/") is None


async def test_deeds_about_one_customer_happen_in_order_and_one_at_a_time() -> None:
    agenda, done = Agenda(Clock(speed=1000.0, real=lambda: 0.0)), list[int]()

    async def deed(number: int) -> None:
        await asyncio.sleep(0.01 if number == 0 else 0)
        done.append(number)

    for number in reversed(range(5)):
        agenda.at(number, "ada", partial(deed, number))
    await agenda.run(until=0)
    assert done == [0]
    agenda.clock = Clock(start=10)
    await agenda.run(until=10)
    assert done == [0, 1, 2, 3, 4]


async def test_what_a_deed_raises_ends_the_play() -> None:
    async def deed() -> None:
        raise Refused("no")

    agenda = Agenda(Clock(start=10))
    agenda.at(0, "ada", deed)
    with pytest.raises(ExceptionGroup):
        await agenda.run(until=10)


FACT = Fact(0, "A1.order.placed", "shop", "order.placed", "ada", {"order_id": "A1"})


async def test_an_event_is_repeated_with_the_same_id_until_it_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.embedded.driver.posting.PAUSE_S", 0)
    answers, posted = iter([503, 429, 202]), list[bytes]()

    def answer(request: httpx.Request) -> httpx.Response:
        posted.append(request.content)
        return httpx.Response(next(answers))

    poster = Poster(httpx.AsyncClient(transport=httpx.MockTransport(answer)), "http://ingest", "key")
    await poster.post(FACT)
    assert len(posted) == 3
    assert len(set(posted)) == 1
    assert poster.accepted == {("shop", "A1.order.placed")}


async def test_an_event_that_is_wrong_ends_the_play_with_the_problem() -> None:
    poster = Poster(httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(422, text="/data/order_id"))), "http://ingest", "key")
    with pytest.raises(Refused, match="/data/order_id"):
        await poster.post(FACT)
    assert not poster.accepted
