"""A provider's call: what makes it genuine, and which letter an event in it is about."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from feedback.returned.news import Ignored, News
from feedback.returned.origin import Origin

OLDEST_MS = 86_400_000  # providers try again for a day; what is told twice is told once, so that more strictness would only lose news
_AHEAD_MS = 300_000
_ID = re.compile(r"<?([a-z2-7]{26})(?:@[^\s]{1,255})?")
_MOST_DEPTH = 12


class Forged(ValueError):
    """The call is not the provider's, or too old; nothing more is said, so that nothing can be learnt by trying."""


class NotReached(OSError):
    """The provider's own server did not give what is needed to check or confirm a call."""


class Provider(Protocol):
    """One provider's webhook."""

    async def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[News | Ignored]:
        """What the call tells; raises Forged, or NotReached."""
        ...


def fresh(at: float, now: int) -> None:
    """Raises Forged for a call made at `at` that is older than a day or from the future (both ms since 1970)."""
    if not now - OLDEST_MS <= at <= now + _AHEAD_MS:
        raise Forged("too old")


def parsed(body: bytes | str) -> Any:
    """The JSON in a body; raises Forged."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Forged("no JSON") from error


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects in a list, or the one object; everything else is left out."""
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, dict)]


def part(event: Mapping[str, Any], *path: str) -> dict[str, Any]:
    """The object at a path of names, empty where there is none."""
    found: Any = event
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def letter_of(origin: Origin, event: Mapping[str, Any], *message_ids: Any) -> str:
    """The command id: by what we signed, or, since the call itself is genuine, by a Message-ID. "" for a mail that is not ours."""
    if proven := origin.proven(*_texts(event)):
        return proven
    found = (_ID.fullmatch(str(each).strip().rstrip(">")) for each in message_ids)
    return next((match[1] for match in found if match), "")


def _texts(value: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list) and depth < _MOST_DEPTH:
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each, depth + 1)
