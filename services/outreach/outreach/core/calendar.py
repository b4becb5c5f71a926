"""Local times of day: minutes of the customer's day, quiet hours, and what daylight saving does to both."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from care_contracts.clock import to_ms

from outreach.core.policy import QuietHours

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
_LONGEST_REST = 16


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """The IANA time zone of that name; raises ZoneInfoNotFoundError."""
    return ZoneInfo(name)


def is_zone(name: str) -> bool:
    """Whether a zone of that name exists."""
    try:
        zone(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def local(moment: int, zone_name: str) -> datetime:
    """The wall clock at `moment` (ms since 1970) in a zone."""
    return datetime.fromtimestamp(moment / 1000, zone(zone_name))


def moment_of(wall: datetime, zone_name: str) -> int:
    """When the naive wall-clock time `wall` happens in a zone, in ms since 1970.

    A time inside a daylight-saving gap happens at the gap's end; one in an overlap happens once, the first time.
    """
    tz = zone(zone_name)
    late = to_ms(wall.replace(tzinfo=tz, fold=0))
    early = to_ms(wall.replace(tzinfo=tz, fold=1))
    return late if early >= late else _transition(early, late, zone_name)


def _transition(before: int, after: int, zone_name: str) -> int:
    """The first moment (ms) in (before, after] at which the offset of `after` is in force."""
    target = local(after, zone_name).utcoffset()
    while after - before > 1:
        middle = (before + after) // 2
        if local(middle, zone_name).utcoffset() == target:
            after = middle
        else:
            before = middle
    return after


def at_minute(day: date, minute: int, zone_name: str) -> int:
    """The moment (ms since 1970) of minute `minute` of the wall-clock day that `day` lies in."""
    return _at_minute(day.year, day.month, day.day, minute, zone_name)


@lru_cache(maxsize=65_536)
def _at_minute(year: int, month: int, day: int, minute: int, zone_name: str) -> int:
    """Remembered, because the customers of one zone share their mornings."""
    return moment_of(datetime(year, month, day) + timedelta(minutes=minute), zone_name)  # noqa: DTZ001 - a wall clock has no zone yet


@lru_cache(maxsize=8192)
def next_local(moment: int, zone_name: str, minute: int, weekday: int | None = None) -> int:
    """The first moment (ms) from `moment` on at which the customer's clock shows `minute` of the day (0 is Monday); now counts."""
    today = local(moment, zone_name).date()
    for ahead in range(9):
        day = today + timedelta(days=ahead) if ahead else today
        if weekday is None or weekday == day.weekday():
            found = at_minute(day, minute, zone_name)
            if found >= moment:
                return found
    raise AssertionError("a week has every weekday")


def quiet_until(moment: int, zone_name: str, quiet: QuietHours) -> int | None:
    """When the rest that `moment` (ms) falls into is over; None when it is no time of rest.

    `[start, end)` may reach over midnight and adjoining days of rest are one rest. A policy under which every moment is
    quiet (refused by lint) gives the end of the longest rest looked at, so that it never becomes a licence to write.
    """
    until = moment
    for _ in range(_LONGEST_REST):
        end = _rest_end(until, zone_name, quiet)
        if end is None:
            break
        until = end
    return None if until == moment else until


def _rest_end(moment: int, zone_name: str, quiet: QuietHours) -> int | None:
    wall = local(moment, zone_name)
    tomorrow = wall.date() + timedelta(days=1)
    if wall.weekday() in quiet.days:
        return _next_showing(moment, tomorrow, 0, zone_name)
    minute = wall.hour * 60 + wall.minute
    if quiet.start == quiet.end:
        return None
    if quiet.start < quiet.end:
        return _next_showing(moment, wall.date(), quiet.end, zone_name) if quiet.start <= minute < quiet.end else None
    if minute >= quiet.start:
        return _next_showing(moment, tomorrow, quiet.end, zone_name)
    return _next_showing(moment, wall.date(), quiet.end, zone_name) if minute < quiet.end else None


def _next_showing(moment: int, day: date, minute: int, zone_name: str) -> int:
    """When the clock shows that minute next; where it was set back behind the first time, the second one."""
    first = at_minute(day, minute, zone_name)
    wall = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)  # noqa: DTZ001 - it gets its zone below
    return first if first > moment else to_ms(wall.replace(tzinfo=zone(zone_name), fold=1))


def span(ms: int) -> str:
    """A duration in the largest unit that fits it whole: `3 days`, `36 hours`, `90 minutes`."""
    for unit, name in ((86_400_000, "day"), (3_600_000, "hour"), (60_000, "minute"), (1000, "second")):
        if ms >= unit and ms % unit == 0:
            return f"{ms // unit} {name}{'s' * (ms != unit)}"
    return f"{round(ms / 1000, 1):g} seconds" if ms < 60_000 else span(ms // 60_000 * 60_000)
