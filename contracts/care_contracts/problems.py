"""What is wrong with a value from outside: where, what was expected, what came, and what was probably meant; never the personal data itself."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

_HARMLESS = re.compile(r"[\w.:+/-]{1,40}")
_MANY = 40


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. `pointer` is a JSON pointer (RFC 6901) into the value that was judged, "" for the whole of it."""

    pointer: str
    expected: str
    got: str
    suggestion: str = ""


def pointer(*parts: str | int) -> str:
    """The JSON pointer to a place, `~` and `/` escaped (RFC 6901 section 3)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def shape_of(value: Any) -> str:
    """A value described by its kind and size alone, so that nothing personal is repeated."""
    match value:
        case None | bool():
            return {None: "null", True: "true", False: "false"}[value]
        case int() | float():
            return "a number"
        case str():
            return f"text of {len(value)} character{'' if len(value) == 1 else 's'}"
        case Mapping():
            return f"an object with {len(value)} key{'' if len(value) == 1 else 's'}"
        case list() | tuple():
            return f"a list of {len(value)}"
        case _:
            return f"a {type(value).__name__}"


def spelled(value: Any) -> str:
    """A value as it came, for fields that are never personal; anything long or unusual is only described."""
    if isinstance(value, str) and _HARMLESS.fullmatch(value):
        return f'"{value}"'
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value) if abs(value) < 1e15 else "a number"
    return shape_of(value)


def closest(word: Any, known: Iterable[str]) -> str:
    """`did you mean "x"?` for the known word most like `word`, or nothing."""
    if not isinstance(word, str) or len(word) > _MANY:
        return ""
    by_folded = {name.casefold(): name for name in known}
    near = get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.7)
    return f'did you mean "{by_folded[near[0]]}"?' if near else ""
