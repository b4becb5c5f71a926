"""Local times over gaps and overlaps, in zones that have them."""

from datetime import UTC, datetime, timedelta

import pytest
from care_contracts.clock import from_ms, to_ms
from hypothesis import given
from hypothesis import strategies as st
from outreach.core.calendar import at_minute, local, moment_of, next_local, quiet_until
from outreach.core.policy import QuietHours

ZONES = ("Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/St_Johns")
moments = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)).map(to_ms)  # noqa: DTZ001 - hypothesis adds the zone
zones = st.sampled_from(ZONES)
minutes = st.integers(0, 24 * 60 - 1)


@given(moments, zones, minutes, st.none() | st.integers(0, 6))
def test_the_next_local_time_is_not_before_now_and_at_most_a_week_and_an_hour_away(moment: int, zone: str, minute: int, weekday: int | None) -> None:
    found = next_local(moment, zone, minute, weekday)
    wall = local(found, zone)
    assert moment <= found <= moment + (8 if weekday is not None else 2) * 86_400_000
    assert weekday in (None, wall.weekday())
    assert wall.hour * 60 + wall.minute >= minute


@given(moments, zones, minutes)
def test_a_time_that_is_just_now_counts_as_now(moment: int, zone: str, minute: int) -> None:
    found = next_local(moment, zone, minute)
    assert next_local(found, zone, minute) == found


@given(moments, zones, minutes, minutes, st.sets(st.integers(0, 6), max_size=6))
def test_a_rest_ends_at_a_moment_that_is_no_rest_and_never_earlier(moment: int, zone: str, start: int, end: int, days: set[int]) -> None:
    quiet = QuietHours(start, end, frozenset(days))
    until = quiet_until(moment, zone, quiet)
    if until is not None:
        assert until > moment
        assert quiet_until(until, zone, quiet) is None


@pytest.mark.parametrize(
    ("zone", "wall", "expected"),
    [
        ("Europe/London", "2026-03-29 01:30", "2026-03-29T01:00:00+00:00"),
        ("America/New_York", "2026-03-08 02:30", "2026-03-08T07:00:00+00:00"),
        ("Europe/London", "2026-10-25 01:30", "2026-10-25T00:30:00+00:00"),
        ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03T15:30:00+00:00"),
    ],
    ids=["a gap of an hour ends at its end", "also in New York", "an overlap counts the first time", "a gap of half an hour"],
)
def test_clock_changes(zone: str, wall: str, expected: str) -> None:
    assert from_ms(moment_of(datetime.fromisoformat(wall), zone)).isoformat() == expected


def test_a_minute_of_a_day_is_the_wall_clocks_however_long_the_day_is() -> None:
    day = datetime.fromisoformat("2026-03-29")
    assert at_minute(day, 8 * 60, "Europe/London") - at_minute(day, 0, "Europe/London") == timedelta(hours=7) / timedelta(milliseconds=1)
