"""Durations and times of day as care teams write them: `3d`, `1d12h`, `"09:00"`, `"mon 09:00"`."""

import re

_UNITS = {"s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_WHOLE = re.compile(r"(?:\d+[smhdw])+")
_PART = re.compile(r"(\d+)([smhdw])")
_SPOKEN = re.compile(r"(\d+)[ -]*(s(?:ec\w*)?|m(?:in\w*)?|h(?:ours?)?|d(?:ays?)?|w(?:eeks?)?)", re.IGNORECASE)
_TIME = re.compile(r"(?:(mon|tue|wed|thu|fri|sat|sun) )?([01]\d|2[0-3]):([0-5]\d)")
_DAY = "(mon|tue|wed|thu|fri|sat|sun)"
_HOURS = re.compile(rf"{_DAY}(?:-{_DAY})? (\d\d:\d\d)-(\d\d:\d\d)")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EXAMPLE = "a duration such as 90s, 10m, 4h, 3d, 2w or 1d12h"


def duration(text: str) -> int:
    """Milliseconds of elapsed time; raises ValueError. Months and years are not durations, because they differ in length."""
    if not _WHOLE.fullmatch(text):
        raise ValueError(f'expected {EXAMPLE}, got "{text[:20]}"')
    return sum(int(number) * _UNITS[unit] for number, unit in _PART.findall(text))


def office_hours(text: str) -> list[tuple[frozenset[int], int, int]]:
    """Days (0 is Monday) and the minutes of the day from and to, of `mon-fri 09:00-17:30, sat 10:00-14:00`; raises ValueError."""
    return [_office_hours(part.strip()) for part in text.lower().split(",")]


def _office_hours(text: str) -> tuple[frozenset[int], int, int]:
    match = _HOURS.fullmatch(text)
    if not match:
        raise ValueError(f'expected hours such as "mon-fri 09:00-17:30", got "{text[:40]}"')
    first, last = WEEKDAYS.index(match[1]), WEEKDAYS.index(match[2] or match[1])
    days = frozenset((first + more) % 7 for more in range((last - first) % 7 + 1))
    start, end = time_of_day(match[3])[0], time_of_day(match[4])[0]
    if start >= end:
        raise ValueError(f'expected hours that end after they begin, got "{text[:40]}"')
    return days, start, end


def meant(text: str) -> str:
    """The duration that somebody probably meant who wrote `30 days`; "" where that cannot be told."""
    match = _SPOKEN.fullmatch(text.strip())
    return f"{match[1]}{match[2][0].lower()}" if match else ""


def time_of_day(text: str) -> tuple[int, int | None]:
    """Minutes of the day and the weekday (0 is Monday) or None; raises ValueError."""
    match = _TIME.fullmatch(text.lower())
    if not match:
        raise ValueError(f'expected a time such as "09:00" or "mon 09:00", got "{text[:20]}"')
    return int(match[2]) * 60 + int(match[3]), WEEKDAYS.index(match[1]) if match[1] else None
