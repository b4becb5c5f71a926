"""The clock: real or scaled, always milliseconds since 1970, always with a zone."""

from datetime import UTC, datetime

import pytest
from care_contracts.clock import DAY_MS, clock_from, from_ms, parse_rfc3339, rfc3339, to_ms
from hypothesis import given
from hypothesis import strategies as st

ANCHOR = 1_767_225_600.0  # 2026-01-01T00:00:00Z


def test_a_scaled_clock_lives_a_day_per_second() -> None:
    real = ANCHOR
    clock = clock_from("1997-01-01T00:00:00Z@86400x@2026-01-01T00:00:00Z", lambda: real)
    real += 2
    assert rfc3339(clock.now()) == "1997-01-03T00:00:00.000Z"


def test_processes_with_the_same_anchor_agree_about_the_time() -> None:
    spec = "1997-01-01T00:00:00Z@86400x@2026-01-01T00:00:00Z"
    assert clock_from(spec, lambda: ANCHOR + 5).now() == clock_from(spec, lambda: ANCHOR + 5).now()


def test_without_an_anchor_the_clock_starts_when_the_process_does() -> None:
    assert clock_from("1997-01-01T00:00:00Z@10x", lambda: ANCHOR).now() == parse_rfc3339("1997-01-01T00:00:00Z")


def test_an_empty_setting_means_real_time() -> None:
    clock = clock_from("", lambda: ANCHOR)
    assert clock.is_real
    assert clock.now() == ANCHOR * 1000


def test_a_scaled_clock_says_so() -> None:
    assert not clock_from("1997-01-01T00:00:00Z@1x", lambda: ANCHOR).is_real


def test_waiting_for_a_moment_is_told_in_real_seconds() -> None:
    clock = clock_from("1997-01-01T00:00:00Z@86400x", lambda: ANCHOR)
    assert clock.seconds_until(clock.now() + 2 * DAY_MS) == pytest.approx(2)
    assert clock.seconds_until(clock.now() - DAY_MS) == 0


@pytest.mark.parametrize("spec", ["tomorrow", "1997-01-01T00:00:00Z", "1997-01-01T00:00:00Z@fastx", "@2x"])
def test_an_unreadable_setting_names_what_was_expected(spec: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        clock_from(spec)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        to_ms(datetime(2026, 1, 1))  # noqa: DTZ001 # naive on purpose
    with pytest.raises(ValueError, match=r"2026-03-02T10:00:00Z.*got '2026-01-01T00:00:00'"):
        parse_rfc3339("2026-01-01T00:00:00")


def test_other_zones_are_understood() -> None:
    assert parse_rfc3339("2026-03-02T12:00:00+02:00") == parse_rfc3339("2026-03-02T10:00:00Z")


def test_a_moment_is_always_written_in_the_same_way() -> None:
    assert rfc3339(0) == "1970-01-01T00:00:00.000Z"
    assert rfc3339(1_772_445_600_007) == "2026-03-02T10:00:00.007Z"


@given(st.integers(0, 4_102_444_800_000))
def test_every_moment_survives_being_written_and_read(ms: int) -> None:
    assert parse_rfc3339(rfc3339(ms)) == ms
    assert from_ms(ms).tzinfo is UTC
