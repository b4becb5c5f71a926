"""How the shipped rules play together for one person: six lives, and those of a whole town, through the engine of production."""

from itertools import pairwise
from typing import Any

import pytest
from care_contracts.clock import DAY_MS
from care_contracts.records import Command
from outreach.core.calendar import local
from outreach.core.customer import Customer

from deploy.embedded.driver.people import person
from deploy.embedded.driver.purchases import purchases
from deploy.embedded.driver.story import Story

from .lives import FOLDER, ZONE, Life

LINKS = {use: f"https://care.northwind.example/{use[0]}/token" for use in ("survey", "unsubscribe", "preferences")}
TOWN = 40


def somebody(name: str, **traits: Any) -> Life:
    """A life that begins on 12 January 2026."""
    life = Life(Customer(name))
    life.happens("2026-01-12 18:00", "customer.created", email=f"{name}@example.com", first_name=name.title(), created_at="2026-01-12T18:00:00Z", **traits)
    return life


def says(life: Life, at: str, score: int, kind: str = "csat", letter: str = "checkin") -> None:
    life.happens(at, "survey.answered", survey=kind, kind=kind, score=score, letter=letter)


def happy_year() -> Life:
    ada = somebody("ada", birthday="1979-11-14")
    ada.buys("A1", "2026-01-12 18:10", "2026-01-15 11:00")
    says(ada, "2026-01-19 19:00", 5)
    ada.buys("A2", "2026-02-20 12:00", "2026-02-24 10:00")
    says(ada, "2026-02-28 12:00", 5)
    ada.happens("2026-03-09 12:00", "review.posted", review_id="R1", rating=5, product="Nordlicht")
    ada.buys("A3", "2026-04-10 12:00", "2026-04-14 10:00")
    ada.happens("2026-05-20 12:00", "call.ended", call_id="C1", duration_s=200, waiting_s=30, resolved=True)
    ada.buys("A4", "2026-06-10 12:00", "2026-06-13 10:00")
    says(ada, "2026-07-12 12:00", 10, "nps", "recommend")
    ada.buys("A5", "2026-08-10 12:00", "2026-08-13 10:00")
    ada.buys("A6", "2026-10-05 12:00", "2026-10-08 10:00")
    ada.goes_on_until("2027-01-20 00:00")
    return ada


def unlucky_year() -> Life:
    ben = somebody("ben")
    ben.happens("2026-01-12 18:10", "order.placed", order_id="A1", total=30)
    ben.happens("2026-01-16 21:00", "order.delayed", order_id="A1", days_late=4, expected_at="2026-01-22T12:00:00Z")
    ben.happens("2026-01-22 11:00", "order.delivered", order_id="A1")
    ben.happens("2026-01-22 19:00", "ticket.opened", ticket_id="T1", subject="It is cracked", priority="high", order_id="A1")
    ben.happens("2026-01-23 12:00", "ticket.resolved", ticket_id="T1")
    ben.happens("2026-01-26 12:00", "order.returned", order_id="A1", reason="arrived cracked")
    ben.happens("2026-06-20 12:00", "payment.failed", order_id="A2", attempt=1)
    ben.buys("A2", "2026-06-22 12:00", "2026-06-25 12:00")
    says(ben, "2026-06-29 22:00", 2)
    ben.goes_on_until("2026-09-01 00:00")
    return ben


def silent_years() -> Life:
    cleo = somebody("cleo")
    cleo.buys("A1", "2026-01-12 18:10", "2026-01-16 09:00")
    cleo.goes_on_until("2029-01-01 00:00")
    return cleo


def onlooker() -> Life:
    dora = somebody("dora", birthday="1950-05-01")
    dora.goes_on_until("2029-01-01 00:00")
    return dora


def helped() -> Life:
    """Somebody who asks, calls and chats, once sends back what was broken, and has agreed to hear about baskets."""
    eve = somebody("eve")
    eve.happens("2026-01-13 10:00", "consent.changed", purpose="promotion", granted=True, confirmed=True)
    eve.happens("2026-01-28 10:00", "cart.abandoned", cart_id="K1", total=40)
    eve.buys("A1", "2026-02-20 12:00", "2026-02-24 10:00")
    eve.happens("2026-02-25 10:00", "order.returned", order_id="A1", reason="the record is scratched")
    eve.happens("2026-03-20 10:00", "ticket.opened", ticket_id="T1", subject="Do you have it on blue vinyl?")
    eve.happens("2026-03-20 15:00", "ticket.resolved", ticket_id="T1")
    eve.happens("2026-06-01 10:00", "chat.ended", chat_id="C1", duration_s=300, resolved=True)
    eve.happens("2026-07-02 10:00", "order.delayed", order_id="A9", days_late=1)
    eve.happens("2026-07-09 10:00", "order.delayed", order_id="A9", days_late=1, expected_at="2026-07-12T10:00:00Z")
    eve.goes_on_until("2026-07-10 00:00")
    return eve


def faithful_years() -> Life:
    """Somebody who buys a record every month, and has told us very little."""
    fay = Life(Customer("fay"))
    fay.happens("2026-01-12 18:00", "customer.created", email="fay@example.com")
    for month in range(20):
        fay.buys(f"A{month}", f"{2026 + month // 12}-{month % 12 + 1:02}-20 12:00", f"{2026 + month // 12}-{month % 12 + 1:02}-23 12:00")
    fay.goes_on_until("2028-01-01 00:00")
    return fay


def townspeople() -> list[Life]:
    """People of the demonstration, with the orders, tickets, returns and failed payments that they have there."""
    lives = []
    for number, bought in list(purchases().items())[:TOWN]:
        life = Life(Customer(f"customer-{number}"))
        for fact in Story(person(number, seed=7), bought, seed=7).facts():
            life.happens(f"{local(fact.at, ZONE):%Y-%m-%d %H:%M:%S}", fact.type, **fact.data)
        life.goes_on_until("1999-01-01 00:00")
        lives.append(life)
    return lives


LIVES = {life.__name__: life() for life in (happy_year, unlucky_year, silent_years, onlooker, helped, faithful_years)}
PEOPLE = {"the six": list(LIVES.values()), "a town": townspeople()}


def of_our_own_accord(life: Life) -> list[Command]:
    """The letters that nobody asked for; those about a customer's own order or payment are service."""
    return [command for command in life.letters if command.purpose != "service"]


def test_a_happy_year_is_one_considerate_person() -> None:
    assert LIVES["happy_year"].reached == [
        "2026-01-12 18:00 welcome",
        "2026-01-18 11:00 checkin",
        "2026-01-22 11:00 first-record",
        "2026-02-14 11:00 10 points",
        "2026-02-27 10:00 checkin",
        "2026-03-04 12:00 review-request",
        "2026-03-10 12:00 review-thanks",
        "2026-03-26 10:00 10 points",
        "2026-03-29 11:00 tip-cleaning",
        "2026-04-11 12:00 thanks-third-order",
        "2026-04-17 10:00 checkin",
        "2026-05-14 10:00 10 points",
        "2026-05-21 12:00 call-followup",
        "2026-06-09 12:00 miss-you",
        "2026-07-12 10:00 recommend",
        "2026-07-13 10:00 10 points",
        "2026-09-12 10:00 10 points",
        "2026-09-12 10:00 regular",
        "2026-10-11 10:00 checkin",
        "2026-11-07 09:00 10 points",
        "2026-11-14 09:00 birthday",
        "2027-01-08 10:00 recommend",
        "2027-01-12 10:00 year-together",
    ]


def test_in_an_unlucky_year_people_step_in_and_templates_fall_silent() -> None:
    ben = LIVES["unlucky_year"]
    assert ben.reached == [
        "2026-01-12 18:00 welcome",
        "2026-01-16 21:00 order-delayed",
        "2026-01-22 19:00 @care",
        "2026-01-26 12:00 @leads",
        "2026-06-20 15:00 payment-failed",
        "2026-06-28 12:00 checkin",
        "2026-06-29 22:00 @care",
        "2026-07-25 12:00 10 points",
    ]
    assert "person_only" in ben.why_not("ticket-followup")
    assert "stopped" in ben.why_not("damaged-return"), "no code makes up for a second trouble"


def test_whoever_is_silent_is_asked_a_few_times_in_the_first_year_and_then_left_in_peace() -> None:
    cleo = LIVES["silent_years"]
    assert cleo.reached == [
        "2026-01-12 18:00 welcome",
        "2026-01-19 09:00 checkin",
        "2026-01-23 09:00 first-record",
        "2026-02-15 09:00 10 points",
        "2026-03-13 18:10 miss-you",
        "2026-07-12 10:00 recommend",
        "2027-01-08 10:00 recommend",
        "2027-01-12 10:00 year-together",
    ]
    assert "shadow" in cleo.why_not("still-there")


def test_whoever_only_looked_around_gets_a_hello_and_one_hand() -> None:
    assert LIVES["onlooker"].reached == ["2026-01-12 18:00 welcome", "2026-01-20 18:00 where-to-begin"]


def test_questions_talks_and_broken_records_each_get_their_own_answer() -> None:
    assert LIVES["helped"].reached == [
        "2026-01-12 18:00 welcome",
        "2026-01-20 18:00 where-to-begin",
        "2026-01-29 10:00 cart-left",
        "2026-02-25 10:00 postage",
        "2026-02-25 10:00 damaged-return",
        "2026-03-22 15:00 ticket-followup",
        "2026-04-21 13:00 miss-you",
        "2026-06-02 10:00 chat-followup",
        "2026-07-02 10:00 @care",
        "2026-07-02 10:00 order-delayed",
        "2026-07-09 10:00 @care",
        "2026-07-09 10:00 order-delayed-again",
    ]


def test_twenty_months_of_buying_make_a_regular_and_then_a_friend() -> None:
    fay = LIVES["faithful_years"]
    kinds = [command.what for command in fay.letters if command.what in {"thanks-third-order", "regular", "thanks-tenth-order", "friend-of-the-shop"}]
    assert kinds == ["thanks-third-order", "regular", "thanks-tenth-order", "friend-of-the-shop"]
    assert fay.customer.tags == ["friend"]


def test_every_letter_is_reached_by_one_of_these_lives() -> None:
    """The other half of the tips belongs to other customers; still-there only watches so far."""
    reached = {command.what for life in LIVES.values() for command in life.letters}
    assert set(FOLDER.playbook.letters) - reached == {"still-there"}


@pytest.mark.parametrize("lives", PEOPLE.values(), ids=PEOPLE)
def test_nobody_hears_too_much_from_us_or_at_night(lives: list[Life]) -> None:
    assert sum(len(life.letters) for life in lives) > 3 * len(lives)
    for life in lives:
        moments = [command.at for command in of_our_own_accord(life)]
        assert all(later - earlier >= 3 * DAY_MS for earlier, later in pairwise(moments))
        assert all(later - earlier >= 30 * DAY_MS for earlier, later in zip(moments, moments[3:], strict=False))
        zone = str(life.customer.traits.get("time_zone", ZONE))
        assert all(8 <= local(moment, zone).hour < 20 for moment in moments)


@pytest.mark.parametrize("lives", PEOPLE.values(), ids=PEOPLE)
def test_no_condition_of_ours_stumbles_over_what_really_happens(lives: list[Life]) -> None:
    assert {(decision.rule, decision.detail) for life in lives for decision in life.decisions if decision.reason == "condition_error"} == set()


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_letter_of_these_lives_can_be_written(language: str) -> None:
    for command in (command for life in LIVES.values() for command in life.letters):
        gift = {"reward": {"coupon": "POST-1"}} if command.context.get("reward") else {}
        mail = FOLDER.letters.render(command.what, language, {**command.context, **gift, "links": LINKS, "purpose": command.purpose})
        assert "None" not in mail.text
        assert ("POST-1" in mail.text) == bool(gift)


def test_nobody_is_told_of_their_own_trouble_by_two_people_at_once() -> None:
    for life in LIVES.values():
        asked = [(command.at, command.what) for command in life.commands if command.kind == "alert"]
        assert len(asked) == len(set(asked))
