"""What reaches a template: plain dictionaries, lists, texts and numbers, cleaned of everything that could forge a line or hide."""

import re
from collections.abc import Mapping
from datetime import date
from itertools import islice
from typing import Any

LONGEST_TEXT = 3_000
LONGEST_LIST = 50
MOST_FIELDS = 100
LARGEST_NUMBER = 10**18
DEEPEST = 6
_BREAKS = re.compile("[\x00-\x20\x7f-\x9f\u2028\u2029]+")
_TRICKS = re.compile("[\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def plain(value: object, depth: int = 0) -> Any:
    """The value as plain data; None for what is nothing (null, blank texts, not-a-number) or not data at all."""
    match value:
        case str():
            return clean(value) or None
        case int() | float() if abs(value) <= LARGEST_NUMBER:
            return value
        case Mapping() if depth < DEEPEST:
            return {str(key): kept for key, item in islice(value.items(), MOST_FIELDS) if (kept := plain(item, depth + 1)) is not None}
        case list() | tuple() if depth < DEEPEST:
            return [kept for item in value[:LONGEST_LIST] if (kept := plain(item, depth + 1)) is not None]
        case date():
            return value.isoformat()
        case _:
            return None


def clean(text: str) -> str:
    """One line without control characters, without characters that turn the direction of reading, at most LONGEST_TEXT long."""
    text = text[:LONGEST_TEXT]
    if not text.isprintable():
        text = _TRICKS.sub("", _BREAKS.sub(" ", text))
    return text.strip()
