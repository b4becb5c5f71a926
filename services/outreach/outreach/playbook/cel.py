"""Conditions in CEL: compiled once, asked about a scope; the only place that knows the CEL library, because it is young."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from care_contracts.clock import from_ms
from cel_expr_python import cel

from outreach.core.conditions import ConditionError, Scope
from outreach.playbook.durations import duration

_T = cel.Type
_PLACE = re.compile(r"<input>:(\d+):(\d+): (.*)")
_MISSING = re.compile(r'Key not found in map : "(.*)"')
_TEXTS = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'')
_NAMES = re.compile(r"\b(event|trigger|answer|customer)\.([A-Za-z_]\w*)")
_TIMES = re.compile(r"(?<!has\()\b(event|trigger|answer)\.time\b")
_QUESTIONS = re.compile(r'\b(count|sum|days_since|last)\(\s*["\']([^"\']*)["\']')


class BadCondition(ValueError):
    """The text is no condition; `column` (from 1) is where in it."""

    def __init__(self, column: int, message: str) -> None:
        super().__init__(message)
        self.column = column


class CelCondition:
    """A compiled condition. A missing field or a type that does not fit raises ConditionError."""

    __slots__ = ("_expression", "_language", "source")

    def __init__(self, source: str, expression: Any, language: "Language") -> None:
        self.source = source
        self._expression = expression
        self._language = language

    def __call__(self, scope: Scope) -> bool:
        """Whether the condition holds. Run-time errors come back as values of type ERROR, which would count as true: the type is looked at."""
        self._language.scope = scope
        value = self._expression.eval(data=_bindings(scope))
        if value.type() == _T.BOOL:
            return bool(value.value())
        raise ConditionError(_plain_error(value))


def _plain_error(value: Any) -> str:
    """Only field names of the error are repeated, never values."""
    if value.type() != _T.ERROR:
        return "it is neither true nor false"
    missing = _MISSING.search(str(value.value()))
    return f'there is no field "{missing[1]}"' if missing else "something is missing, or the types do not fit"


def _bindings(scope: Scope) -> dict[str, Any]:
    """Times stand beside their event (`event_time`), because CEL takes no timestamp inside a map from Python."""
    found: dict[str, Any] = {"customer": scope.customer.plain(), "now": from_ms(scope.now)}
    for name, data in (("event", scope.event), ("trigger", scope.trigger), ("answer", scope.answer)):
        found[name] = data or {}
        if data and "time" in data:
            found[f"{name}_time"] = from_ms(data["time"])
    return found


class Language:
    """CEL with the words of PLAYBOOK.md. One at a time is asked, so the functions find the customer in `scope`."""

    def __init__(self) -> None:
        self.scope: Scope | None = None
        times = ("now", "event_time", "trigger_time", "answer_time")
        declared = dict.fromkeys(("event", "trigger", "answer", "customer"), _T.DYN) | dict.fromkeys(times, _T.TIMESTAMP)
        self._environment = cel.NewEnv(variables=declared, extensions=[cel.CelExtension("care", list(self._functions()))])

    def compile(self, source: str) -> CelCondition:
        """A condition from its text; raises BadCondition."""
        try:
            expression = self._environment.compile(_TIMES.sub(r"\1_time", source))
        except RuntimeError as error:
            match = _PLACE.search(str(error))
            raise BadCondition(int(match[2]) if match else 1, match[3].replace(" (in container '')", "") if match else "not readable") from error
        if expression.return_type() not in (_T.BOOL, _T.DYN):
            raise BadCondition(1, "a condition is true or false, this is neither")
        return CelCondition(source, expression, self)

    def _functions(self) -> Iterator[Any]:
        yield _declare("count", _T.INT, 2, lambda event, window: self._view().count(event, duration(window)))
        yield _declare("sum", _T.DOUBLE, 3, lambda event, field, window: self._view().sum(event, field, duration(window)))
        yield _declare("days_since", _T.INT, 1, lambda event: self._view().days_since(event))
        yield _declare("poor", _T.INT, 1, lambda window: self._view().poor(duration(window)))
        yield _declare("good", _T.INT, 1, lambda window: self._view().good(duration(window)))
        yield _declare("last", _T.DYN, 1, lambda event: self._view().last(event) or {})

    def _view(self) -> Any:
        if self.scope is None:
            raise RuntimeError("a condition was asked without a scope")
        return self.scope.customer


def _declare(name: str, gives: Any, takes: int, answer: Callable[..., Any]) -> Any:
    return cel.FunctionDecl(name, [cel.Overload(f"{name}_{takes}", gives, [_T.STRING] * takes, impl=answer)])


def names_in(source: str) -> Iterator[tuple[str, str, int]]:
    """The fields that a condition names: (variable, field, column from 1 of the variable)."""
    blank = _TEXTS.sub(lambda match: " " * len(match[0]), source)
    for match in _NAMES.finditer(blank):
        yield match[1], match[2], match.start() + 1


def events_in(source: str) -> Iterator[tuple[str, int]]:
    """The event types that a condition asks about, with the column (from 1) of the name."""
    for match in _QUESTIONS.finditer(source):
        yield match[2], match.start(2) + 1
