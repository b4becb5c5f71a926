"""Conditions of the plainest form, judged without CEL's machinery, which costs ten times as much; anything else is left to CEL.

The form: comparisons of a field or a question (or its rest, `% 3`) with a literal, `"x" in field`, `has(field)`, joined by && || ! and parentheses. The
answers are those of CEL (cel-spec, "Logical operators" and "Equality"): an error beside a deciding answer does not count.
"""

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from outreach.playbook import plain_judges as judges
from outreach.playbook.durations import duration
from outreach.playbook.plain_judges import Judge, Read

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?)(?![\w.])|(?P<text>"[^"\\\n]*"|'[^'\\\n]*')|(?P<name>[A-Za-z_]\w*)|(?P<sign>&&|\|\||[<>=!]=|[<>!().,%]))"""
)
_ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_QUESTIONS: Mapping[str, tuple[int, Callable[..., Any]]] = {
    "count": (2, lambda event, window: lambda view: view.count(event, window)),
    "sum": (3, lambda event, field, window: lambda view: view.sum(event, field, window)),
    "days_since": (1, lambda event: lambda view: view.days_since(event)),
    "poor": (1, lambda window: lambda view: view.poor(window)),
    "good": (1, lambda window: lambda view: view.good(window)),
    "last": (1, lambda event: lambda view: view.last(event) or {}),
}
_WINDOWS = {"count": 1, "sum": 2, "poor": 0, "good": 0}


class _NotPlain(Exception):
    """The condition is of another form."""


def plain_judge(source: str) -> Judge | None:
    """How a condition that CEL has accepted is judged, None when it is not of the plain form."""
    try:
        reader = _Reader(source)
        judge = reader.either()
        return judge if reader.at_end else None
    except (_NotPlain, ValueError, RecursionError):
        return None


class _Reader:
    """Reads a condition from left to right."""

    def __init__(self, source: str) -> None:
        self._tokens = list(_tokens(source))
        self._place = 0

    @property
    def at_end(self) -> bool:
        return self._place == len(self._tokens)

    def either(self) -> Judge:
        judge = self.both()
        while self._took("||"):
            judge = judges.either(judge, self.both())
        return judge

    def both(self) -> Judge:
        judge = self.one()
        while self._took("&&"):
            judge = judges.both(judge, self.one())
        return judge

    def one(self) -> Judge:
        if self._took("!"):
            return judges.opposite(self.one())
        if self._took("("):
            judge = self.either()
            self._expect(")")
            return judge
        kind, word = self._next()
        if kind == "text":
            self._expect("in")
            return judges.member(word, self._read(self._name())[0])
        if (kind, word) == ("name", "has"):
            self._expect("(")
            judge = judges.is_there(*self._read(self._name()))
            self._expect(")")
            return judge
        return self._comparison(self._read(word if kind == "name" else "")[0])

    def _comparison(self, read: Read) -> Judge:
        if self._took("%"):
            read = judges.rest(read, self._whole())
        sign = self._peek()
        if sign in _ORDER or sign in ("==", "!="):
            self._place += 1
            literal = self._literal()
            return judges.ordered(read, _ORDER[sign], literal) if sign in _ORDER else judges.equal(read, literal, wanted=sign == "==")
        return judges.truth(read)

    def _whole(self) -> int:
        kind, word = self._next()
        if kind != "number" or not word.isdigit() or int(word) == 0:
            raise _NotPlain
        return int(word)

    def _literal(self) -> Any:
        kind, word = self._next()
        if kind == "number":
            return float(word) if "." in word else int(word)
        if kind == "text":
            return word
        if word in ("true", "false"):
            return word == "true"
        raise _NotPlain

    def _read(self, name: str) -> tuple[Read, str]:
        """How a dotted name or a question is looked up, and its last part."""
        if name == "customer":
            self._expect(".")
            name = self._name()
            if name == "first_seen":
                raise _NotPlain
            read = judges.of_customer(name)
        elif name in ("event", "trigger", "answer"):
            root = name
            self._expect(".")
            name = self._name()
            if name == "time":
                raise _NotPlain
            read = judges.of_event(root, name)
        elif name in _QUESTIONS:
            read = self._question(name)
        else:
            raise _NotPlain
        while self._took("."):
            name = self._name()
            read = judges.inside(read, name)
        return read, name

    def _question(self, name: str) -> Read:
        takes, make = _QUESTIONS[name]
        self._expect("(")
        told: list[Any] = []
        for number in range(takes):
            if number:
                self._expect(",")
            kind, word = self._next()
            if kind != "text":
                raise _NotPlain
            told.append(duration(word) if _WINDOWS.get(name) == number else word)
        self._expect(")")
        ask = make(*told)
        return lambda scope: ask(scope.customer)

    def _next(self) -> tuple[str, str]:
        if self.at_end:
            raise _NotPlain
        self._place += 1
        return self._tokens[self._place - 1]

    def _peek(self) -> str:
        return "" if self.at_end or self._tokens[self._place][0] == "text" else self._tokens[self._place][1]

    def _took(self, sign: str) -> bool:
        took = self._peek() == sign
        self._place += took
        return took

    def _expect(self, sign: str) -> None:
        if not self._took(sign):
            raise _NotPlain

    def _name(self) -> str:
        kind, word = self._next()
        if kind != "name":
            raise _NotPlain
        return word


def _tokens(source: str) -> Iterator[tuple[str, str]]:
    text, place = source.rstrip(), 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise _NotPlain
        kind = str(match.lastgroup)
        yield kind, match[kind][1:-1] if kind == "text" else match[kind]
        place = match.end()
