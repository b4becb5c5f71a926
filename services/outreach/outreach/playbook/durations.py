"""Durations and times of day as care teams write them: `3d`, `1d12h`, `"09:00"`, `"mon 09:00"`."""

import re

_UNITS = {"s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_WHOLE = re.compile(r"(?:\d+[smhdw])+")
_PART = re.compile(r"(\d+)([smhdw])")
_TIME = re.compile(r"(?:(mon|tue|wed|thu|fri|sat|sun) )?([01]\d|2[0-3]):([0-5]\d)")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EXAMPLE = "a duration such as 90s, 10m, 4h, 3d, 2w or 1d12h"


def duration(text: str) -> int:
    """Milliseconds of elapsed time; raises ValueError. Months and years are not durations, because they differ in length."""
    if not _WHOLE.fullmatch(text):
        raise ValueError(f'expected {EXAMPLE}, got "{text[:20]}"')
    return sum(int(number) * _UNITS[unit] for number, unit in _PART.findall(text))


def time_of_day(text: str) -> tuple[int, int | None]:
    """Minutes of the day and the weekday (0 is Monday) or None; raises ValueError."""
    match = _TIME.fullmatch(text.lower())
    if not match:
        raise ValueError(f'expected a time such as "09:00" or "mon 09:00", got "{text[:20]}"')
    return int(match[2]) * 60 + int(match[3]), WEEKDAYS.index(match[1]) if match[1] else None
