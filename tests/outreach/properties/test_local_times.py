"""Local times against brute force: the clock is looked at minute by minute, in zones whose rules differ, around the nights when they are set.

CARELOOP_DEEP=N looks at N times as many moments (tests/conftest.py).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from care_contracts.clock import parse_rfc3339, to_ms
from care_contracts.reasons import Verdict
from care_contracts.records import Event
from hypothesis import given
from hypothesis import strategies as st
from outreach.core.calendar import next_local, quiet_until
from outreach.core.customer import Customer
from outreach.core.decide import Tick
from outreach.core.policy import Policy, QuietHours
from outreach.core.rules import LetterFacts, OnAnniversary, OnCalendar, OnEvent, OnMoment, OnPeriod, OnSchedule, Playbook, Rule
from outreach.core.steps import Send, WaitUntil
from outreach.playbook.cron import Cron

from tests.outreach.properties.lives import DAY, HOUR, MINUTE, Life
from tests.outreach.properties.model import DAYS, is_rest, rest_is_over

NIGHTS = (
    *(("Europe/London", "2026-03-29T01:00Z"), ("Europe/London", "2026-10-25T01:00Z")),
    *(("America/New_York", "2026-03-08T07:00Z"), ("America/New_York", "2026-11-01T06:00Z")),
    *(("Australia/Lord_Howe", "2026-10-03T15:30Z"), ("Australia/Lord_Howe", "2026-04-04T15:00Z")),
    *(("Africa/Casablanca", "2026-02-15T02:00Z"), ("Africa/Casablanca", "2026-03-22T02:00Z")),
    *(("America/Sao_Paulo", "2018-11-04T03:00Z"), ("America/Sao_Paulo", "2018-02-18T02:00Z")),
    *(("America/St_Johns", "2010-03-14T03:31Z"), ("America/St_Johns", "2010-11-07T02:31Z")),
    *(("Pacific/Apia", "2011-12-30T10:00Z"), ("Asia/Kathmandu", "2024-02-28T18:15Z"), ("America/Havana", "2026-11-01T05:00Z")),
)
WIDE = [place * MINUTE for place in (-180, -90, -60, -45, -31, -30, -29, -15, -1, 0, 1, 15, 29, 30, 31, 59, 60, 61, 90, 180)]
nights = st.sampled_from(NIGHTS).map(lambda night: (night[0], parse_rfc3339(night[1])))
shifts = st.sampled_from(WIDE) | st.integers(-3 * 24 * 60, 3 * 24 * 60).map(lambda minutes: minutes * MINUTE)
minutes = st.sampled_from([0, 15, 30, 59, 60, 75, 90, 105, 120, 135, 150, 179, 180, 540, 1380, 1410, 1439]) | st.integers(0, 1439)
weekdays = st.none() | st.integers(0, 6)


def clock(moment: int, zone: str) -> datetime:
    return datetime.fromtimestamp(moment / 1000, ZoneInfo(zone)).replace(tzinfo=None)


@cache
def brute(day: date, minute: int, zone: str) -> int:
    """The first minute at which the clock has come to that time of that day: what a gap skips happens at its end, what comes twice the first time."""
    target = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)  # noqa: DTZ001 - a wall clock
    moment = to_ms(target.replace(tzinfo=UTC)) - 15 * HOUR
    while clock(moment, zone) < target:
        moment += MINUTE
    return moment


def brute_next(moment: int, zone: str, minute: int, weekday: int | None = None) -> int:
    today = clock(moment, zone).date()
    days = [today + timedelta(days=ahead) for ahead in range(15)]
    return next(found for day in days if weekday in (None, day.weekday()) and (found := brute(day, minute, zone)) >= moment)


@given(nights, shifts, minutes, weekdays)
def test_the_next_local_time_is_the_one_that_watching_the_clock_finds(night: tuple[str, int], shift: int, minute: int, weekday: int | None) -> None:
    zone, moment = night[0], night[1] + shift
    assert next_local(moment, zone, minute, weekday) == brute_next(moment, zone, minute, weekday)


@given(nights, shifts, minutes, minutes, st.sets(st.integers(0, 6), max_size=3))
def test_a_rest_ends_when_the_clock_first_shows_none(night: tuple[str, int], shift: int, start: int, end: int, days: set[int]) -> None:
    zone, moment = night[0], night[1] + shift
    rest = {"from": f"{start // 60:02}:{start % 60:02}", "to": f"{end // 60:02}:{end % 60:02}", "days": [DAYS[day] for day in days]}
    until = quiet_until(moment, zone, QuietHours(start, end, frozenset(days)))
    assert (until is not None) == is_rest(rest, clock(moment, zone))
    if until is not None:
        watched = rest_is_over(rest, moment, zone)
        assert not is_rest(rest, clock(until, zone))
        # Where the clock is set back within the rest, to a time before it began, the rest goes on: nobody is woken in between.
        assert until == watched or (until > watched and was_set_back(moment, watched, zone))


def was_set_back(begin: int, end: int, zone: str) -> bool:
    return clock(end, zone) - clock(begin, zone) < timedelta(milliseconds=end - begin)


def starts(when: OnCalendar, zone: str, begin: int, end: int, ticks: list[int], traits: Mapping[str, Any]) -> list[tuple[int, str]]:
    """When the rule began, and for which occurrence, of a customer first seen at `begin`."""
    rule = Rule("r", "", "care", when, (Send("0", "hello"),), revision="1")
    life = Life(Playbook("v1", (rule,), Policy(), {"hello": LetterFacts()}))
    life.take(Event("e0", "shop", "customer.created", "c1", begin, begin, {"time_zone": zone, **traits}))
    for moment in sorted({begin + tick * HOUR for tick in ticks if begin + tick * HOUR < end} | {end}):
        life.take(Tick(moment))
    return [(decision.at, decision.occurrence) for decision in life.decisions if decision.verdict is Verdict.STARTED]


ticks = st.lists(st.integers(0, 24 * 10), max_size=6)


@given(nights, shifts, minutes, ticks)
def test_a_schedule_comes_once_on_every_local_day(night: tuple[str, int], shift: int, minute: int, moments: list[int]) -> None:
    zone, begin = night[0], night[1] + shift
    found = starts(OnSchedule(Cron(f"{minute % 60} {minute // 60} * * *")), zone, begin, begin + 8 * DAY, moments, {})
    first = clock(begin, zone).date() - timedelta(days=1)
    days = [first + timedelta(days=ahead) for ahead in range(11)]
    slots = [(brute(day, minute, zone), f"{day.isoformat()}T{minute // 60:02}:{minute % 60:02}") for day in days]
    assert found == [slot for slot in slots if begin < slot[0] <= begin + 8 * DAY]


@given(nights, shifts, minutes, st.integers(1, 4), ticks)
def test_a_period_comes_once_for_every_number(night: tuple[str, int], shift: int, minute: int, every: int, moments: list[int]) -> None:
    zone, begin = night[0], night[1] + shift
    found = starts(OnPeriod(every * DAY, minute=minute), zone, begin, begin + 9 * DAY, moments, {})
    slots = [(brute_next(begin + number * every * DAY, zone, minute), str(number)) for number in range(1, 10)]
    assert found == [slot for slot in slots if slot[0] <= begin + 9 * DAY]


@given(st.sampled_from(NIGHTS), st.dates(date(2019, 2, 20), date(2020, 3, 10)), minutes, st.lists(st.integers(0, 2000), max_size=4))
def test_an_anniversary_comes_once_a_year(night: tuple[str, str], day: date, minute: int, moments: list[int]) -> None:
    zone, begin = night[0], parse_rfc3339("2023-01-15T12:00:00Z")
    found = starts(OnAnniversary("birthday", minute), zone, begin, begin + 1100 * DAY, [24 * tick for tick in moments], {"birthday": day.isoformat()})
    days = [replace_year(day, year) for year in range(2023, 2028)]
    slots = [(brute(each, minute, zone), str(each.year)) for each in days]
    assert found == [slot for slot in slots if begin < slot[0] <= begin + 1100 * DAY]


def replace_year(day: date, year: int) -> date:
    leap = year % 4 == 0
    return date(year, day.month, 28 if (day.month, day.day) == (2, 29) and not leap else day.day)


@given(nights, st.integers(0, 2 * 24 * 60), minutes)
def test_a_notice_comes_once_at_its_local_moment(night: tuple[str, int], before: int, minute: int) -> None:
    zone, begin = night[0], night[1] - before * MINUTE
    day = clock(night[1], zone)
    wall = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)  # noqa: DTZ001 - a wall clock
    moment = brute(wall.date(), minute, zone)
    found = starts(OnMoment(wall), zone, begin, begin + 5 * DAY, [], {})
    assert [at for at, _ in found] == [moment] * (moment > begin)


@given(nights, shifts, minutes, st.lists(st.tuples(st.integers(1, 40), st.sampled_from([zone for zone, _ in NIGHTS])), min_size=1, max_size=4))
def test_who_travels_gets_no_slot_twice_and_misses_none_but_those_that_the_new_clock_has_passed(
    night: tuple[str, int], shift: int, minute: int, moves: list[tuple[int, str]]
) -> None:
    begin = night[1] + shift
    rule = Rule("r", "", "care", OnSchedule(Cron(f"{minute % 60} {minute // 60} * * *")), (Send("0", "hello"),), revision="1")
    life = Life(Playbook("v1", (rule,), Policy(), {"hello": LetterFacts()}))
    stays, now, zone = [(begin, night[0])], begin, night[0]
    life.take(Event("e0", "shop", "customer.created", "c1", begin, begin, {"time_zone": zone}))
    for number, (hours, moved) in enumerate(moves, 1):
        now += hours * HOUR
        stays.append((now, moved))
        life.take(Event(f"e{number}", "shop", "customer.updated", "c1", now, now, {"time_zone": moved}))
    life.take(Tick(now + 3 * DAY))
    found = [(each.at, each.occurrence) for each in life.decisions if each.verdict is Verdict.STARTED]
    assert len({occurrence for _, occurrence in found}) == len(found)
    assert set(found) == set(while_staying(stays, now + 3 * DAY, minute))


def while_staying(stays: list[tuple[int, str]], end: int, minute: int) -> list[tuple[int, str]]:
    """Every day's slot, the first time that the clock of where the customer is comes to it."""
    slots: dict[str, int] = {}
    for (begin, zone), (until, _) in zip(stays, [*stays[1:], (end, "")], strict=True):
        day = clock(begin, zone).date() - timedelta(days=2)
        while day <= clock(until, zone).date() + timedelta(days=1):
            moment = brute(day, minute, zone)
            if begin < moment <= until:
                slots.setdefault(f"{day.isoformat()}T{minute // 60:02}:{minute % 60:02}", moment)
            day += timedelta(days=1)
    return [(moment, name) for name, moment in slots.items()]


@given(nights, shifts, minutes, weekdays, st.integers(0, 30), st.sampled_from([zone for zone, _ in NIGHTS]))
def test_a_wait_for_a_local_time_ends_by_the_clock_of_where_the_customer_then_is(
    night: tuple[str, int], shift: int, minute: int, weekday: int | None, hours: int, moved: str
) -> None:
    zone, begin = night[0], night[1] + shift
    rule = Rule("r", "", "service", OnEvent(("order.placed",)), (WaitUntil("0", minute, weekday), Send("1", "hello")))
    life = Life(Playbook("v1", (rule,), Policy(), {"hello": LetterFacts()}), replace(Customer("c1"), traits={"email": "ann@example.com", "time_zone": zone}))
    life.take(Event("e0", "shop", "order.placed", "c1", begin, begin))
    planned, move = brute_next(begin, zone, minute, weekday), begin + hours * HOUR
    life.take(Event("e1", "shop", "customer.updated", "c1", move, move, {"time_zone": moved}))
    life.take(Tick(move + 20 * DAY))
    expected = planned if planned <= move or moved == zone else brute_next(move, moved, minute, weekday)
    assert [command.at for command in life.commands] == [expected]


@pytest.mark.parametrize(
    ("began", "sent"),
    [("2026-03-28T23:00:00Z", "2026-03-29T01:00:00Z"), ("2026-10-24T22:00:00Z", "2026-10-25T00:30:00Z")],
    ids=["a rest until 01:30 in the gap ends at its end", "in an overlap the first time"],
)
def test_a_letter_held_over_the_night_when_the_clocks_change(began: str, sent: str) -> None:
    policy = Policy(time_zone="Europe/London", quiet_hours=QuietHours(20 * 60, 90))
    rule = Rule("r", "", "care", OnEvent(("order.placed",)), (Send("0", "hello"),))
    life = Life(Playbook("v1", (rule,), policy, {"hello": LetterFacts()}), replace(Customer("c1"), traits={"email": "ann@example.com"}))
    moment = parse_rfc3339(began)
    life.take(Event("e0", "shop", "order.placed", "c1", moment, moment))
    life.take(Tick(moment + DAY))
    assert [command.at for command in life.commands] == [parse_rfc3339(sent)]
