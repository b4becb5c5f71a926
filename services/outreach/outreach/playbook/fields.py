"""Reads the keys of one mapping, each as what it must be, and reports everything that is not as agreed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from outreach.playbook.cel import BadCondition, CelCondition
from outreach.playbook.durations import duration, meant, time_of_day
from outreach.playbook.kind_checks import constants
from outreach.playbook.known import Known
from outreach.playbook.problems import Problems, nearest
from outreach.playbook.yaml_places import place_inside
from outreach.playbook.yaml_text import Node, Place


@dataclass(frozen=True, slots=True)
class Source:
    """The file being read, what is known around it, and where findings go."""

    file: str
    known: Known
    problems: Problems
    text: str = field(repr=False)

    def add(self, place: Place, code: str, message: str, **more: str) -> None:
        """Notes a finding in this file."""
        self.problems.add(self.file, place, code, message, **more)

    def condition(self, node: Node, variables: Iterable[str], types: Iterable[str] = ()) -> CelCondition | None:
        """A compiled condition whose `event` is one of `types`; None (and a finding) when it is not one."""
        if not isinstance(node.value, str):
            self.add(node.place, "C004", f"expected a condition in quotes, got {kind(node)}")
            return None
        try:
            compiled = self.known.language.compile(node.value)
        except BadCondition as error:
            for said in error.said:
                message = f'in the condition "{node.value.strip()[:200]}": {said.message}'
                self.add(self.inside(node, said.column), said.code, message, suggestion=said.suggestion)
            return None
        self._doubt(node, compiled, frozenset(variables), tuple(types))
        return compiled

    def _doubt(self, node: Node, compiled: CelCondition, variables: frozenset[str], types: tuple[str, ...]) -> None:
        """Notes what CEL accepts and nobody can have meant."""
        kinds = self.known.misfits(compiled.tree, types if "event" in variables else ())
        for column, code, message, suggestion in chain(self.known.doubts(node.value, variables, types), kinds):
            self.add(self.inside(node, column), code, message, suggestion=suggestion)
        for column, message in constants(compiled.tree):
            self.add(self.inside(node, column), "C042", message, severity="warning")

    def inside(self, node: Node, column: int) -> Place:
        """The place of a column (from 1, through all its lines) of a text."""
        return place_inside(self.text, node.place, node.value, column)

    def event(self, node: Node) -> str:
        """The name of an event type that is catalogued or declared in policy.yaml."""
        name = str(node.value)
        if name not in self.known.events:
            self.add(
                node.place,
                "C008",
                f'unknown event "{name}"',
                expected="an event of the catalogue or of policy.yaml",
                suggestion=nearest(name, self.known.events),
            )
        return name

    def events(self, node: Node) -> tuple[str, ...]:
        """One event type or a list of them."""
        nodes = node.value if isinstance(node.value, list) else [node]
        return tuple(self.event(item) for item in nodes)


def kind(node: Node) -> str:
    """What a value is, in plain words."""
    kinds: list[tuple[Any, str]] = [(dict, "a mapping"), (list, "a list"), (bool, "yes or no"), (int | float, "a number"), (str, "a text")]
    return next((words for types, words in kinds if isinstance(node.value, types)), "nothing")


class Fields:
    """The keys of a mapping. Unknown and missing keys are reported when it is made; a wrong value when it is read."""

    def __init__(self, source: Source, node: Node, allowed: Iterable[str], required: Iterable[str] = ()) -> None:
        self.source = source
        self.place = node.place
        self.nodes: dict[str, Node] = node.value if isinstance(node.value, dict) else {}
        if not isinstance(node.value, dict):
            source.add(node.place, "C004", f"expected a mapping with the keys {', '.join(allowed)}, got {kind(node)}")
            return
        words = list(allowed)
        for name in self.nodes:
            if name not in words:
                source.add(node.keys[name], "C002", f'unknown key "{name}"', expected=", ".join(words), suggestion=nearest(name, words))
        for name in required:
            if name not in self.nodes:
                source.add(node.place, "C003", f'the key "{name}" is missing', expected=", ".join(required))

    def __contains__(self, name: str) -> bool:
        return name in self.nodes

    def node(self, name: str, default: Any = None) -> Node:
        """The value of a key, the default at the mapping's place where it is missing."""
        return self.nodes.get(name, Node(default, self.place))

    def text(self, name: str, default: str = "") -> str:
        """A text."""
        return str(self._read(name, default, str, "a text"))

    def number(self, name: str, default: float, low: float, high: float) -> float:
        """A number in [low, high]."""
        value = self._read(name, default, int | float, f"a number from {low} to {high}")
        if not low <= value <= high:
            self.source.add(self.node(name).place, "C004", f"expected a number from {low} to {high}, got {value}")
            return default
        return float(value)

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number in [low, high]."""
        return int(self.number(name, default, low, high))

    def yes(self, name: str, *, default: bool) -> bool:
        """True or false."""
        return bool(self._read(name, default, bool, "true or false"))

    def choice(self, name: str, words: Iterable[str], default: str) -> str:
        """One of the allowed words."""
        allowed, value = list(words), self.text(name, default)
        if value not in allowed and name in self:
            message = f'expected one of {", ".join(allowed)}, got "{value[:40]}"'
            self.source.add(self.node(name).place, "C006", message, suggestion=nearest(value, allowed))
            return default
        return value

    def duration(self, name: str, default: int = 0) -> int:
        """Milliseconds of a duration."""
        return self._parsed(name, duration, "C005", default)

    def minute(self, name: str, default: int = 0) -> int:
        """Minutes of the day of a time such as "09:00"."""
        return self._parsed(name, lambda text: time_of_day(text)[0], "C016", default)

    def condition(self, name: str, variables: Iterable[str] = (), types: Iterable[str] = ()) -> CelCondition | None:
        """A condition, None where the key is missing."""
        return self.source.condition(self.nodes[name], variables, types) if name in self else None

    def list(self, name: str) -> list[Node]:
        """The items of a list."""
        value = self._read(name, [], list, "a list")
        return list(value)

    def _parsed(self, name: str, parse: Callable[[str], int], code: str, default: int) -> int:
        if name not in self:
            return default
        try:
            return parse(str(self.nodes[name].value))
        except ValueError as error:
            close = meant(str(self.nodes[name].value)) if code == "C005" else ""
            self.source.add(self.nodes[name].place, code, str(error), suggestion=close)
            return default

    def _read(self, name: str, default: Any, wanted: Any, words: str) -> Any:
        if name not in self:
            return default
        node = self.nodes[name]
        if not isinstance(node.value, wanted) or (isinstance(node.value, bool) and wanted is not bool):
            self.source.add(node.place, "C004", f'"{name}": expected {words}, got {kind(node)}')
            return default
        return node.value
