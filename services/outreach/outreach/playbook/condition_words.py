"""What CEL says about a text that is no condition, in plain words: a code, the column, and what was probably meant."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from outreach.playbook.problems import nearest

QUESTIONS = {
    "count": 'count("order.placed", "30d")',
    "sum": 'sum("order.placed", "total", "90d")',
    "days_since": 'days_since("order.placed")',
    "poor": 'poor("90d")',
    "good": 'good("90d")',
    "last": 'last("survey.answered").score',
}
_FUNCTIONS = (*QUESTIONS, "has", "size", "contains", "startsWith", "endsWith", "matches", "timestamp", "duration", "int", "double", "string", "exists", "all")
_VARIABLES = ("event", "trigger", "answer", "customer", "now")
_KINDS = {"int": "a whole number", "double": "a number with a fraction", "string": "a text", "bool": "true or false", "google.protobuf.Timestamp": "a time"}
_SIGNS = {"=": "==", "=>": ">=", "=<": "<=", "<>": "!=", "&": "&&", "|": "||"}
_WORDS = {"and": "&&", "or": "||", "not": "!", "is": "=="}
_TEXTS = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'')
_PLACE = re.compile(r"^(?:INVALID_ARGUMENT: )?ERROR: <input>:(\d+):(\d+): (.*)", re.MULTILINE)
_TOKEN = re.compile(r"token recognition error at: '(.*)'")
_UNKNOWN = re.compile(r"undeclared reference to '(.+?)'")
_OVERLOAD = re.compile(r"found no matching overload for '(.+?)' applied to '\((.*?)\)'")
_UNREADABLE = re.compile(r"token recognition error at: '(.)(.?)")
_UNEXPECTED = re.compile(r"(?:mismatched|extraneous) input '(.+?)' expecting")


@dataclass(frozen=True, slots=True)
class Said:
    """A finding about a condition; `column` counts from 1, through all its lines."""

    column: int
    code: str
    message: str
    suggestion: str = ""


NEITHER = Said(1, "C038", "a condition is true or false, this is neither")
UNREADABLE = Said(1, "C007", "it is nested too deeply, or not readable at all")


def without_texts(source: str) -> str:
    """The condition, as long as it was, with its texts in quotes blanked out."""
    return _TEXTS.sub(lambda match: " " * len(match[0]), source)


def in_plain_words(source: str, error: str) -> tuple[Said, ...]:
    """Everything that CEL's error says about a source, in plain words where they are known."""
    starts = [0, *(match.end() for match in re.finditer("\n", source))]
    told = [(starts[int(line) - 1] + int(column), said) for line, column, said in _PLACE.findall(error)]
    return tuple(_said(source, column, said) for column, said in _mistakes(source, told)) or (UNREADABLE,)


def _mistakes(source: str, told: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Without what follows from the one before: behind an unreadable sign CEL is surprised once more."""
    end = 0
    for column, said in told:
        unreadable = _TOKEN.search(said)
        if unreadable or not end or source[end - 1 : column - 1].strip():
            yield column, said
        end = column + len(unreadable[1]) if unreadable else 0


def _said(source: str, column: int, said: str) -> Said:
    found = next(_readings(source, column, said), None)
    return found or Said(column, "C007", said.replace(" (in container '')", "").replace("Syntax error: ", ""))


def _readings(source: str, column: int, said: str) -> Iterator[Said]:
    if match := _UNKNOWN.search(said):
        yield _function(match[1], column - len(match[1])) if source[column - 1 : column] == "(" else _name(source, column, match[1])
    if match := _OVERLOAD.search(said):
        yield _kinds(column, match[1], match[2].split(", "))
    yield from _signs(source, column, said)
    if "'<EOF>'" in said:
        closing = "missing ')'" in said
        yield Said(column, "C007", 'the closing ")" is missing' if closing else "the condition ends too early: something is missing at its end")
    if "has() argument" in said:
        yield Said(column, "C007", "has() asks for a field, as in has(event.total)")
    if match := _UNEXPECTED.search(said):
        yield Said(column, "C007", f'"{match[1][:20]}" does not belong here')


def _signs(source: str, column: int, said: str) -> Iterator[Said]:
    """Signs and words of other languages, quotes that are not closed, durations without quotes."""
    if match := _UNREADABLE.search(said):
        if match[1] in "\"'":
            yield Said(column, "C007", "a text whose closing quote is missing")
        sign = next((sign for sign in (match[1] + match[2].strip(), match[1]) if sign in _SIGNS), "")
        if match[1] == "=" and source[column - 2 : column - 1] == "=":
            yield Said(column - 2, "C007", '"===" means nothing here', "==")
        yield Said(column, "C007", f'"{sign or match[1]}" means nothing here', _SIGNS.get(sign, ""))
    if match := _UNEXPECTED.search(said):
        before = re.search(r"(\w+)\s*$", source[: column - 1])
        if match[1] in _WORDS:
            yield Said(column, "C007", f'"{match[1]}" is written with a sign', _WORDS[match[1]])
        elif before and before[1] in _WORDS:
            yield Said(before.start() + 1, "C007", f'"{before[1]}" is written with a sign', _WORDS[before[1]])
        elif match[1] in "smhdw" and before:
            yield Said(before.start() + 1, "C039", "a duration stands in quotes", f'"{before[1]}{match[1]}"')


def _function(name: str, column: int) -> Said:
    if name in QUESTIONS:
        return Said(column, "C037", f"{name} is asked in another way", QUESTIONS[name])
    return Said(column, "C037", f'unknown function "{name}"', nearest(name, _FUNCTIONS))


def _name(source: str, column: int, name: str) -> Said:
    """CEL points at the dot behind the name, where there is one."""
    root, dot, rest = name.partition(".")
    begins = [match.start() + 1 for match in re.finditer(rf"\b{re.escape(root)}\b", source[: column + len(root)])]
    close = nearest(root, _VARIABLES)
    return Said(max((begin for begin in begins if begin <= column), default=1), "C041", f'unknown name "{name}"', f"{close}{dot}{rest}" if close else "")


def _kinds(column: int, sign: str, got: list[str]) -> Said:
    kinds = [_KINDS.get(kind, "this") for kind in got]
    if sign in QUESTIONS:
        return Said(column - len(sign), "C037", f"{sign} is asked in another way", QUESTIONS[sign])
    if sign.strip("_@") == "in":
        return Said(column, "C038", f'"in" looks into a list, not into {kinds[-1]}')
    hint = ": write a whole number" if {"int", "double"} == set(got) else ""
    return Said(column, "C038", f'{" and ".join(kinds)} do not go together with "{sign.strip("_@")}"{hint}')
