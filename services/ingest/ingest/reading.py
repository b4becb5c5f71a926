"""From bytes to JSON values, strictly: no doubled keys, no NaN, no abyss, nothing that a later reader would see differently."""

import json
import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

from care_contracts.problems import Problem, pointer

from ingest.problems import MALFORMED, Refusal

LARGEST = 2**63


class Doubled(dict[str, Any]):
    """An object in which some keys came more than once."""

    keys_again: tuple[str, ...] = ()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) == len(pairs):
        return value
    doubled = Doubled(value)
    doubled.keys_again = tuple(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
    return doubled


def read_json(body: bytes) -> Any:
    """The JSON value (RFC 8259); a Refusal names line and column of what cannot be read."""
    try:
        return json.loads(body.decode("utf-8-sig"), object_pairs_hook=_object)
    except UnicodeDecodeError as error:
        raise Refusal(MALFORMED, f"expected UTF-8, got another byte at position {error.start}") from error
    except json.JSONDecodeError as error:
        raise Refusal(MALFORMED, f"line {error.lineno}, column {error.colno}: {error.msg}") from error
    except RecursionError as error:
        raise Refusal(MALFORMED, "expected far fewer objects and lists inside each other") from error
    except ValueError as error:
        raise Refusal(MALFORMED, "expected numbers of a reasonable length") from error


def oddities(value: Any, depth: int) -> Iterator[Problem]:
    """What no event may contain, whatever its type; `depth` is how many objects and lists may be inside each other."""
    return _inside({"": value}, (), depth + 1) if not isinstance(value, dict | list) else _inside(value, (), depth)


def _inside(value: Any, path: tuple[str | int, ...], room: int) -> Iterator[Problem]:
    if room <= 0:
        yield Problem(pointer(*path), "fewer objects and lists inside each other", "one more")
        return
    if isinstance(value, Doubled):
        yield from (Problem(pointer(*path, _legible(key)), "every key once", "the same key again") for key in value.keys_again)
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(key, str) and _unfit_text(key):
            yield Problem(pointer(*path, _legible(key)), *_TEXT)
        if isinstance(inner, dict | list):
            yield from _inside(inner, (*path, key), room - 1)
        elif unfit := _unfit(inner):
            yield Problem(pointer(*path, key), *unfit)


_TEXT = ("text without NUL and without halves of characters", "one of these")


def _unfit(value: Any) -> tuple[str, str] | None:
    if isinstance(value, str):
        return _TEXT if _unfit_text(value) else None
    if isinstance(value, float) and not math.isfinite(value):
        return "a finite number", "NaN or infinity"
    if isinstance(value, int) and not -LARGEST <= value < LARGEST:
        return "a whole number of at most 64 bits", "a larger one"
    return None


def _unfit_text(text: str) -> bool:
    """NUL cannot be stored by every database, a lone surrogate is no character at all (RFC 8259 section 8.2)."""
    return "\0" in text or not (text.isascii() or text == _legible(text))


def _legible(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
