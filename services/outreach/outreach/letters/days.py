"""A date as a person would write it in a letter: `Tuesday, 8 December`, `Dienstag, 8. Dezember`."""

from collections.abc import Mapping
from datetime import date
from typing import Any

WEEKDAYS: Mapping[str, tuple[str, ...]] = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "de": ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
}
MONTHS: Mapping[str, tuple[str, ...]] = {
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"),
    "de": ("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"),
}
ORDER: Mapping[str, str] = {"en": "{weekday}, {day} {month}", "de": "{weekday}, {day}. {month}"}
LENGTH = len("2026-12-08")


def day_in_words(value: Any, language: str = "en") -> str:
    """The day of a date or moment (RFC 3339) as it stands there; raises ValueError for anything else or a language that is not spoken here."""
    if language not in ORDER:
        raise ValueError(f"expected one of {', '.join(ORDER)}")
    found = date.fromisoformat(str(value)[:LENGTH])
    return ORDER[language].format(weekday=WEEKDAYS[language][found.weekday()], day=found.day, month=MONTHS[language][found.month - 1])
