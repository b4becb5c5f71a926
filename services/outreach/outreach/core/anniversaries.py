"""Rules that begin at times of the calendar: periods, anniversaries, schedules and one-off moments, each in the customer's zone."""

from datetime import datetime, timedelta
from functools import singledispatch

from care_contracts.clock import parse_rfc3339

from outreach.core.beginning import begin
from outreach.core.calendar import at_minute, local, moment_of, next_local
from outreach.core.guards import time_zone
from outreach.core.rules import OnAnniversary, OnCalendar, OnMoment, OnPeriod, OnSchedule, Rule
from outreach.core.turn import Turn

Occurrence = tuple[int, str]
_YEARS_AHEAD = 9
_LAST_YEAR = 9000


def arm_calendar(turn: Turn, *, anew: bool) -> None:
    """Arms the next time of each calendar rule that is new or changed, or has none armed; `anew` of every one, because traits or the zone changed.

    Times already past fire nothing (Semantics 12).
    """
    for rule, when in turn.playbook.calendar:
        is_new = turn.customer.known.get(rule.id) != rule.revision
        turn.customer.known[rule.id] = rule.revision
        if anew or is_new or rule.id not in turn.customer.timers:
            _arm(turn, rule, upcoming(when, turn, turn.now))


def _arm(turn: Turn, rule: Rule, found: Occurrence | None) -> None:
    turn.customer.timers.pop(rule.id, None)
    if found:
        turn.customer.timers[rule.id] = found[0]


def calendar_is_due(turn: Turn, rule: Rule, when: OnCalendar) -> None:
    """The timer of a calendar rule is due: the rule begins, and the next time is armed."""
    armed = turn.customer.timers.pop(rule.id)
    found = upcoming(when, turn, armed - 1)
    if found is None or found[0] > turn.now:
        _arm(turn, rule, found)
        return
    due, occurrence = found
    _arm(turn, rule, upcoming(when, turn, due))
    if turn.holds(when.condition, rule, occurrence):
        begin(turn, rule, occurrence, due)


@singledispatch
def upcoming(when: OnCalendar, turn: Turn, after: int) -> Occurrence | None:
    """The first occurrence later than `after` (ms since 1970): its moment and its name."""
    raise TypeError(f"a calendar form that nobody knows: {when!r} after {after} for {turn.customer.id}")


@upcoming.register
def _period(when: OnPeriod, turn: Turn, after: int) -> Occurrence | None:
    began = _since(turn, when)
    if began is None:
        return None
    number = max(1, (after - began) // when.every)
    while (moment := _at(turn, when, began + number * when.every)) <= after:
        number += 1
    return moment, str(number)


def _at(turn: Turn, when: OnPeriod, moment: int) -> int:
    return moment if when.minute is None else next_local(moment, time_zone(turn), when.minute)


def _since(turn: Turn, when: OnPeriod) -> int | None:
    if when.field:
        day = _date(turn, when.field)
        return moment_of(day, time_zone(turn)) if day and day.year < _LAST_YEAR else None
    if not when.since:
        return turn.customer.first_seen
    past = turn.customer.history.get(when.since)
    return past.first if past else None


@upcoming.register
def _anniversary(when: OnAnniversary, turn: Turn, after: int) -> Occurrence | None:
    """The day itself is no anniversary; the first is a year later."""
    day = _date(turn, when.field)
    if day is None or day.year >= _LAST_YEAR:
        return None
    first = max(day.year + 1, local(after, time_zone(turn)).year)
    for year in range(first, first + _YEARS_AHEAD):
        moment = at_minute(_in_year(day, year), when.minute, time_zone(turn))
        if moment > after:
            return moment, str(year)
    return None


def _in_year(day: datetime, year: int) -> datetime:
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)


def _date(turn: Turn, field: str) -> datetime | None:
    """The wall-clock day in a trait that holds a date or a moment; None when it holds neither."""
    text = turn.customer.traits.get(field)
    if not isinstance(text, str):
        return None
    try:
        return datetime.fromisoformat(text) if len(text) == len("2026-01-01") else local(parse_rfc3339(text), time_zone(turn)).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None


@upcoming.register
def _schedule(when: OnSchedule, turn: Turn, after: int) -> Occurrence | None:
    zone = time_zone(turn)
    wall = local(after, zone).replace(tzinfo=None) - timedelta(minutes=1)
    while (next_wall := when.schedule.after(wall)) is not None:
        moment = moment_of(next_wall, zone)
        if moment > after:
            return moment, next_wall.isoformat(timespec="minutes")
        wall = next_wall
    return None


@upcoming.register
def _moment(when: OnMoment, turn: Turn, after: int) -> Occurrence | None:
    """Named by the wall clock, so that who travels west does not get it twice."""
    moment = moment_of(when.wall, time_zone(turn))
    return (moment, when.wall.isoformat(timespec="minutes")) if moment > after else None
