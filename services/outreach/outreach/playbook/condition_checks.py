"""Conditions that CEL accepts and that can never be met: kinds that do not fit, durations that are none, fields that nobody remembers."""

import re
from collections.abc import Callable, Iterator, Mapping

from outreach.playbook.durations import EXAMPLE, duration, meant
from outreach.playbook.problems import nearest

Doubt = tuple[int, str, str, str]
KindOf = Callable[[str, str], frozenset[str]]

_TEXT = r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\''
_FIELD = r"(?<![\w.])(?P<root>event|customer)\s*\.\s*(?P<field>[A-Za-z_]\w*)(?![\w.(\[])"
_SIGN = r"(?P<sign>==|!=|<=|>=|<|>)"
_LITERAL = rf"(?P<literal>{_TEXT}|-?\d+(?:\.\d+)?|true\b|false\b)"
_COMPARED = (re.compile(rf"{_FIELD}\s*{_SIGN}\s*{_LITERAL}"), re.compile(rf"{_LITERAL}\s*{_SIGN}\s*{_FIELD}"))
_WINDOWS = re.compile(rf"\b(?:count|sum|poor|good)\(\s*(?:(?:{_TEXT})\s*,\s*)*(?P<window>{_TEXT})\s*\)")
_LAST = re.compile(r"\blast\(\s*[\"'](?P<event>[^\"']*)[\"']\s*\)\s*\.\s*(?P<field>[A-Za-z_]\w*)")
_SUM = re.compile(r"\bsum\(\s*[\"'](?P<event>[^\"']*)[\"']\s*,\s*[\"'](?P<field>[^\"']*)[\"']")
_CONSTANT = re.compile(r"[\s(!]*(?:true|false)[\s)]*")
_SPOKEN = {"string": "a text", "number": "a number", "boolean": "true or false", "list": "a list", "object": "a mapping", "time": "a time", "date": "a date"}
_BASE = {"integer": "number", "time": "string", "date": "string"}
_NUMBERS = frozenset({"number", "integer"})
_SCALARS = frozenset({"string", "number", "integer", "boolean", "time", "date"})


def is_constant(source: str) -> bool:
    """Whether a condition is nothing but `true` or `false`, and so no condition."""
    return _CONSTANT.fullmatch(source) is not None


def is_always(source: str) -> bool:
    """Whether a condition holds whatever happens."""
    return bool(source) and is_constant(source) and ("true" in source) == (source.count("!") % 2 == 0)


def misfits(source: str, kind_of: KindOf) -> Iterator[Doubt]:
    """Fields compared with what they never are; `kind_of` gives the kinds of a field of `event` or `customer`, none where they are not known."""
    for pattern in _COMPARED:
        for match in pattern.finditer(source):
            kinds, literal = kind_of(match["root"], match["field"]), _kind(match["literal"])
            if kinds and literal not in {_BASE.get(kind, kind) for kind in kinds}:
                spoken = " or ".join(sorted(_SPOKEN[_BASE.get(kind, kind)] for kind in kinds))
                message = f'"{match["root"]}.{match["field"]}" is {spoken}, and is compared with {_SPOKEN[literal]}'
                yield match.start("root") + 1, "C038", message, ""


def _kind(literal: str) -> str:
    return "string" if literal[0] in "\"'" else "boolean" if literal in ("true", "false") else "number"


def windows(source: str) -> Iterator[Doubt]:
    """Windows of questions that are no durations."""
    for match in _WINDOWS.finditer(source):
        text = match["window"][1:-1]
        try:
            duration(text)
        except ValueError:
            yield match.start("window") + 2, "C039", f'expected {EXAMPLE}, got "{text[:20]}"', meant(text)


def asked_fields(source: str, events: Mapping[str, Mapping[str, object]]) -> Iterator[Doubt]:
    """Fields of events of the past which these do not have, or of which nothing is remembered."""
    for pattern, kept, why in ((_LAST, _SCALARS, "lists and mappings are not remembered"), (_SUM, _NUMBERS, "only numbers can be added up")):
        for match in pattern.finditer(source):
            fields, name = events.get(match["event"]), match["field"]
            if fields is None or (pattern is _LAST and name in ("type", "time", "id")):
                continue
            if name not in fields:
                yield match.start("field") + 1, "C040", f'{match["event"]} has no field "{name}"', nearest(name, fields)
            elif fields[name] not in kept:
                yield match.start("field") + 1, "C040", f'"{name}" of {match["event"]} cannot be asked for: {why}', ""
