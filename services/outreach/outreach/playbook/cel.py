"""Conditions in CEL: compiled once, asked about a scope; the only place that knows the CEL library, because it is young."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from care_contracts.clock import from_ms
from cel_expr_python import cel

from outreach.core.conditions import ConditionError, Scope
from outreach.core.view import View
from outreach.playbook.cel_tree import Part, read_tree
from outreach.playbook.condition_words import NEITHER, Said, in_plain_words, without_texts
from outreach.playbook.durations import duration
from outreach.playbook.plain_conditions import plain_judge
from outreach.playbook.plain_judges import MISMATCH, Answer, Wrong, no_field

_T = cel.Type
LONGEST = 4000
_MISSING = re.compile(r'Key not found in map : "(.*)"')
_NAMES = re.compile(r"\b(event|trigger|answer|customer)\.([A-Za-z_]\w*)")
_EVENTS = ("event", "trigger", "answer")
_FIELDS = re.compile(r"\bcustomer\s*\.\s*([A-Za-z_]\w*)")
_WHOLE_CUSTOMER = re.compile(r"\bcustomer\b(?!\s*\.\s*[A-Za-z_])")
_TIMES = re.compile(r"(?<!has\()\b(event|trigger|answer)\.time\b")
_FIRST_SEEN = re.compile(r"(?<!has\()\bcustomer\.first_seen\b")
_QUESTIONS = re.compile(r'\b(count|sum|days_since|last)\(\s*["\']([^"\']*)["\']')


class BadCondition(ValueError):
    """The text is no condition: `said` is everything that is wrong with it, and where in it."""

    def __init__(self, *said: Said) -> None:
        super().__init__("; ".join(each.message for each in said))
        self.said = said


class CelCondition:
    """A compiled condition. A missing field or a type that does not fit raises ConditionError."""

    __slots__ = ("_expression", "_plain", "_reads", "_tree", "language", "source")

    def __init__(self, source: str, expression: Any, language: "Language") -> None:
        self.source = source
        self._expression = expression
        self.language = language
        self._reads = _reads(source)
        self._plain = plain_judge(source)
        self._tree: Part | None = None

    @property
    def tree(self) -> Part:
        """The condition as CEL has understood it."""
        self._tree = self._tree or read_tree(self._expression.serialize())
        return self._tree

    def __call__(self, scope: Scope) -> bool:
        """Whether the condition holds, as CEL has it."""
        answer = self._plain(scope) if self._plain else self.by_cel(scope)
        if isinstance(answer, Wrong):
            raise ConditionError(answer)
        return answer

    def by_cel(self, scope: Scope) -> Answer:
        """The answer of CEL itself. Run-time errors come back as values of type ERROR, which would count as true: the type is looked at."""
        self.language.scope = scope
        value = self._expression.eval(data=self._reads.of(scope))
        if value.type() == _T.BOOL:
            return bool(value.value())
        return _plain_error(value)


def _plain_error(value: Any) -> Wrong:
    """Only field names of the error are repeated, never values."""
    missing = _MISSING.search(str(value.value())) if value.type() == _T.ERROR else None
    return no_field(missing[1]) if missing else MISMATCH


@dataclass(frozen=True, slots=True)
class Reads:
    """What a condition looks at. Only that is handed to CEL, because handing things over costs more than judging them.

    `customer` are names of fields, None for all of them; `times` are the events whose time is asked for.
    """

    customer: frozenset[str] | None
    events: tuple[str, ...]
    times: tuple[str, ...]
    now: bool
    first_seen: bool

    def of(self, scope: Scope) -> dict[str, Any]:
        """The values in a scope. Times stand beside their event (`event_time`), because CEL takes no timestamp inside a map from Python."""
        found: dict[str, Any] = {"customer": self._customer(scope.customer)}
        for name in self.events:
            found[name] = getattr(scope, name) or {}
        for name in self.times:
            if (getattr(scope, name) or {}).get("time") is not None:
                found[f"{name}_time"] = from_ms(getattr(scope, name)["time"])
        if self.now:
            found["now"] = from_ms(scope.now)
            scope.customer.changes_at(scope.now + 1)
        if self.first_seen:
            found["customer_first_seen"] = from_ms(scope.customer.customer.first_seen)
        return found

    def _customer(self, view: View) -> Mapping[str, Any]:
        if self.customer is None:
            return view.plain()
        return {name: value for name in self.customer if (value := view.field(name)) is not None}


def _reads(source: str) -> Reads:
    text = without_texts(source)
    fields = frozenset(_FIELDS.findall(text))
    return Reads(
        customer=None if _WHOLE_CUSTOMER.search(text) else fields,
        events=tuple(name for name in _EVENTS if re.search(rf"\b{name}\b", text)),
        times=tuple(name for name in _EVENTS if re.search(rf"\b{name}\s*\.\s*time\b", text)),
        now=re.search(r"\bnow\b", text) is not None,
        first_seen=_FIRST_SEEN.search(text) is not None,
    )


def _as_cel(source: str) -> str:
    """The same text, as long as it was, with moments by the names under which CEL gets them."""
    return _FIRST_SEEN.sub("customer_first_seen", _TIMES.sub(r"\1_time", source))


class Language:
    """CEL with the words of PLAYBOOK.md. One at a time is asked, so the functions find the customer in `scope`."""

    def __init__(self) -> None:
        self.scope: Scope | None = None
        self._compiled: dict[str, CelCondition] = {}
        times = ("now", "event_time", "trigger_time", "answer_time", "customer_first_seen")
        declared = dict.fromkeys(("event", "trigger", "answer", "customer"), _T.DYN) | dict.fromkeys(times, _T.TIMESTAMP)
        self._environment = cel.NewEnv(variables=declared, extensions=[cel.CelExtension("care", list(self._functions()))])

    def compile(self, source: str) -> CelCondition:
        """A condition from its text; raises BadCondition. What many rules ask is compiled once."""
        if source not in self._compiled:
            self._compiled[source] = self._compile(source)
        return self._compiled[source]

    def _compile(self, source: str) -> CelCondition:
        if len(source) > LONGEST:
            raise BadCondition(Said(1, "C007", f"a condition has at most {LONGEST} characters, this one has {len(source)}"))
        try:
            expression = self._environment.compile(_as_cel(source))
        except RuntimeError as error:
            raise BadCondition(*in_plain_words(source, str(error))) from error
        if expression.return_type() not in (_T.BOOL, _T.DYN):
            raise BadCondition(NEITHER)
        return CelCondition(source, expression, self)

    def value(self, source: str, scope: Scope) -> Any:
        """What an expression such as `customer.orders` comes to in a scope; raises ConditionError when that cannot be said."""
        self.scope = scope
        value = self._environment.compile(_as_cel(source)).eval(data=_reads(source).of(scope))
        if value.type() == _T.ERROR:
            raise ConditionError(_plain_error(value))
        return value.value()

    def _functions(self) -> Iterator[Any]:
        yield _declare("count", _T.INT, 2, lambda event, window: self._view().count(event, duration(window)))
        yield _declare("sum", _T.DYN, 3, lambda event, field, window: self._view().sum(event, field, duration(window)))
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
    for match in _NAMES.finditer(without_texts(source)):
        yield match[1], match[2], match.start() + 1


def events_in(source: str) -> Iterator[tuple[str, int]]:
    """The event types that a condition asks about, with the column (from 1) of the name."""
    for match in _QUESTIONS.finditer(source):
        yield match[2], match.start(2) + 1
