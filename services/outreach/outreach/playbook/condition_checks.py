"""Questions about the past that CEL accepts and that can never be answered: durations that are none, fields that nobody remembers."""

import re
from collections.abc import Iterator, Mapping

from outreach.playbook.durations import EXAMPLE, duration, meant
from outreach.playbook.problems import nearest

Doubt = tuple[int, str, str, str]

_TEXT = r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\''
_WINDOWS = re.compile(rf"\b(?:count|sum|poor|good)\(\s*(?:(?:{_TEXT})\s*,\s*)*(?P<window>{_TEXT})\s*\)")
_LAST = re.compile(r"\blast\(\s*[\"'](?P<event>[^\"']*)[\"']\s*\)\s*\.\s*(?P<field>[A-Za-z_]\w*)")
_SUM = re.compile(r"\bsum\(\s*[\"'](?P<event>[^\"']*)[\"']\s*,\s*[\"'](?P<field>[^\"']*)[\"']")
_CONSTANT = re.compile(r"[\s(!]*(?:true|false)[\s)]*")
_NUMBERS = frozenset({"number", "integer"})
_SCALARS = frozenset({"string", "number", "integer", "boolean", "time", "date"})


def is_always(source: str) -> bool:
    """Whether a condition is nothing but `true`, and so holds whatever happens."""
    return _CONSTANT.fullmatch(source) is not None and ("true" in source) == (source.count("!") % 2 == 0)


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
