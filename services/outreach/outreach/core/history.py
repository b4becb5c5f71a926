"""Bounded memory of what happened: exact for recent occurrences, by day for older ones, and window sums over both."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from functools import lru_cache
from itertools import pairwise
from typing import Any

from care_contracts.identity import command_id

from outreach.core.customer import Customer, Entry, History

DAY = 86_400_000
EXACT = 32
MOST = 64
MAX_TYPES = 48
MAX_NUMBERS = 4
MAX_TEXT = 120
MAX_NAME = 40
MAX_NUMBER_NAMES = 48
MAX_FIELDS = 12
MAX_KEPT_FIELDS = 24
MAX_KEPT_BYTES = 3000
MAX_ITEMS = 5
MAX_EXPERIENCES = 40
_SCALAR = (str, int, float, bool)
_ENVELOPE = ("type", "id", "time")


def remember(customer: Customer, event_type: str, time: int, data: Mapping[str, Any]) -> None:
    """Adds one occurrence at `time` (ms). An older event counts at its own time and never moves the last one backwards."""
    if len(event_type.encode()) > MAX_TEXT:
        return
    past = customer.history.get(event_type) or History(time, time)
    if event_type not in customer.history and len(customer.history) >= MAX_TYPES:
        del customer.history[min(customer.history, key=lambda name: customer.history[name].last)]
    entries = [*past.entries, (time, 1, _numbers(data))]
    if time < past.last:
        entries.sort(key=lambda entry: entry[0])
    if len(entries) > EXACT:
        _coalesce(entries)
    latest = keepsake(data) if time >= past.last else past.latest
    customer.history[event_type] = History(min(past.first, time), max(past.last, time), past.total + 1, entries, latest)


def _numbers(data: Mapping[str, Any]) -> dict[str, float]:
    """The first number fields, as many as their names leave room for."""
    numbers: dict[str, float] = {}
    left = MAX_NUMBER_NAMES
    for name, value in data.items():
        if isinstance(value, int | float) and not isinstance(value, bool) and len(name.encode()) <= left:
            numbers[name] = float(value)
            left -= len(name.encode())
            if len(numbers) == MAX_NUMBERS:
                break
    return numbers


def _coalesce(entries: list[Entry]) -> None:
    """Joins the oldest two of one day, if there are such; beyond the bound the oldest occurrence is forgotten."""
    older = entries[: len(entries) - EXACT + 1]
    for place, ((before, many, sums), (time, more, numbers)) in enumerate(pairwise(older)):
        if before // DAY == time // DAY:
            joined = {name: sums.get(name, 0) + numbers.get(name, 0) for name in sums | numbers}
            entries[place : place + 2] = [(time, many + more, joined)]
            return
    if len(entries) > MOST:
        del entries[0]


def keepsake(data: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of an event's data: its first scalar fields, long texts cut."""
    scalars = {name: value for name, value in data.items() if isinstance(value, _SCALAR) and len(name.encode()) <= MAX_NAME}
    return {name: _short(value) for name, value in list(scalars.items())[:MAX_FIELDS]}


def keepsake_for_letters(data: Mapping[str, Any], correlates: AbstractSet[str] = frozenset()) -> dict[str, Any]:
    """What a running rule keeps of an event, bounded in fields and bytes: first what it is recognised by, then the rest, whole or not at all."""
    kept = {name: value for name in _first_kept(tuple(data), correlates) if (value := _small(data[name])) is not None}
    text = repr(kept)
    return kept if len(text) <= MAX_KEPT_BYTES and text.isascii() else _as_fits(kept)


@lru_cache(maxsize=1024)
def _first_kept(names: tuple[str, ...], correlates: AbstractSet[str]) -> tuple[str, ...]:
    """Remembered, because the events of one type have the same fields."""
    first = [name for name in names if name in correlates or name in _ENVELOPE or name.endswith("_id")]
    return (*first, *(name for name in names if name not in first))[:MAX_KEPT_FIELDS]


def _as_fits(wanted: Mapping[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    left = MAX_KEPT_BYTES
    for name, value in wanted.items():
        size = len(repr(value).encode()) + len(name)
        if size <= left:
            kept[name] = value
            left -= size
    return kept


def _small(value: Any) -> Any:
    if isinstance(value, list):
        return [keepsake(item) if isinstance(item, Mapping) else _short(item) for item in value[:MAX_ITEMS] if isinstance(item, (*_SCALAR, Mapping))]
    return keepsake(value) if isinstance(value, Mapping) else value


def _short(value: Any) -> Any:
    return cut(value, MAX_TEXT) if isinstance(value, str) else value


def cut(text: str, most: int) -> str:
    """The text's beginning, at most that many bytes."""
    return text[:most] if text.isascii() else text.encode()[:most].decode(errors="ignore")


def name_of(value: Any) -> str:
    """What an event calls a thing (a ticket, a task, an order), as a text that may be kept; a long name is kept as its hash."""
    text = str(value)
    return text if len(text.encode()) <= MAX_TEXT else command_id(text, "name")


def within(past: History | None, now: int, window: int) -> list[Entry]:
    """The entries in `(now - window, now]`, times in ms."""
    return [entry for entry in past.entries if now - window < entry[0] <= now] if past else []


def experience(moments: list[int], time: int) -> None:
    """Notes a poor or good experience at `time` (ms), keeping the latest ones."""
    moments.append(time)
    moments.sort()
    del moments[:-MAX_EXPERIENCES]
