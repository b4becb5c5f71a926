"""What a condition saw when it was judged: its parts one by one, and the values of what it names; for explanations, never for logs."""

import re
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any

from outreach.core.conditions import Condition, ConditionError, Scope
from outreach.playbook.cel import BadCondition, CelCondition

_TEXT = r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\''
_TERM = re.compile(
    rf"(?P<text>{_TEXT})"
    rf"|\b(?:count|sum|days_since|poor|good|last)\((?:{_TEXT}|[\s,])*\)(?:\.[A-Za-z_]\w*)*"
    r"|\b(?:event|trigger|answer|customer)(?:\.[A-Za-z_]\w*)+|\bnow\b"
)
_TOKEN = re.compile(rf"{_TEXT}|&&|\|\||[()\[\]{{}}?:]|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Part:
    """One side of an `&&`; `held` is None when it could not be judged."""

    source: str
    held: bool | None


@dataclass(frozen=True, slots=True)
class Seen:
    """How a condition was judged at a moment; `values` are what the names in it stood for, with None for what was not there."""

    source: str
    at: int
    held: bool | None
    trouble: str
    parts: tuple[Part, ...]
    values: Mapping[str, Any]

    @property
    def failed(self) -> tuple[Part, ...]:
        """The parts that were not met."""
        return tuple(part for part in self.parts if not part.held)


def look(condition: Condition, scope: Scope) -> Seen:
    """Judges a condition and says what it saw. The scope's view is not asked, only a copy, so that nothing is armed by looking."""
    aside = copy(scope)
    aside.customer = copy(scope.customer)
    held, trouble = _judge(condition, aside)
    parts = tuple(_part(condition, source, aside) for source in parts_of(condition.source)) if isinstance(condition, CelCondition) else ()
    values = {term: _value(condition, term, aside) for term in terms_of(condition.source)} if isinstance(condition, CelCondition) else {}
    return Seen(condition.source, scope.now, held, trouble, parts or (Part(condition.source, held),), values)


def _judge(condition: Condition, scope: Scope) -> tuple[bool | None, str]:
    try:
        return condition(scope), ""
    except ConditionError as error:
        return None, str(error)


def _part(condition: CelCondition, source: str, scope: Scope) -> Part:
    try:
        return Part(source, _judge(condition.language.compile(source), scope)[0])
    except BadCondition:
        return Part(source, None)


def _value(condition: CelCondition, term: str, scope: Scope) -> Any:
    try:
        value = condition.language.value(term, scope)
    except ConditionError:
        return None
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def parts_of(source: str) -> list[str]:
    """The sides of a condition's outermost `&&`; the whole of it where there is none, or where `||` or `?` binds less tightly."""
    depth, parts = 0, [""]
    for word in _TOKEN.findall(source):
        depth += (word in "([{") - (word in ")]}")
        if depth == 0 and word in ("||", "?"):
            return [source.strip()]
        if depth == 0 and word == "&&":
            parts.append("")
        else:
            parts[-1] += word
    return [_bare(part) for part in parts]


def _bare(part: str) -> str:
    return " ".join(part.split()) if "\n" in part else part.strip()


def terms_of(source: str) -> Iterator[str]:
    """The names and questions in a condition, each once, in their order."""
    found = (match[0] for match in _TERM.finditer(source) if match["text"] is None)
    yield from dict.fromkeys(found)
