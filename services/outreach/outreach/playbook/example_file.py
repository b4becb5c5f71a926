"""The examples inside a rule file: what is given, and what is expected of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from care_contracts.reasons import Reason

from outreach.core.steps import Reward
from outreach.playbook.example_events import check_event
from outreach.playbook.example_times import check_times, moment_at
from outreach.playbook.fields import Fields, Source
from outreach.playbook.problems import nearest
from outreach.playbook.yaml_text import Node, Place

EXHAUSTIVE = ("send", "alert", "reward", "webhook")
VERBS = (*EXHAUSTIVE, "hold", "skip")


@dataclass(frozen=True, slots=True)
class Given:
    """One event of an example; `at` is the policy's local time."""

    at: datetime
    event: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Expected:
    """One expected line: `verb` (send, alert, hold, skip), what, when, and for holds and skips why."""

    verb: str
    what: str
    at: datetime | None = None
    because: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """One example; `nothing` with an empty `lines` means that nothing reaches anybody, for the reason where one is named."""

    name: str
    place: Place
    given: tuple[Given, ...]
    lines: tuple[Expected, ...]
    nothing: str = ""
    until: datetime | None = None

    @property
    def acts(self) -> bool:
        """Whether something reaches the customer or a person, or would if the rule were not a shadow."""
        return any(line.verb in EXHAUSTIVE or line.because == Reason.SHADOW for line in self.lines)

    @property
    def shows_mode(self) -> bool:
        """Whether it expects what only the rule's `mode` brings about: then it is run with that mode, all others as if the rule were live."""
        return any(reason in (Reason.SHADOW, Reason.OFF) for reason in (self.nothing, *(line.because for line in self.lines)))


def read_examples(source: Source, nodes: list[Node]) -> tuple[Example, ...]:
    """The examples of a rule file; those that cannot be read become findings."""
    return tuple(_example(source, node) for node in nodes)


def _example(source: Source, node: Node) -> Example:
    fields = Fields(source, node, ("name", "given", "expect", "until"), ("name", "given", "expect"))
    given = tuple(line for item in fields.list("given") if (line := _given(source, item)))
    lines, nothing = _expect(source, fields.node("expect"))
    until = moment_at(source, fields.node("until")) if "until" in fields else None
    check_times(source, fields, until)
    return Example(fields.text("name"), node.place, given, lines, nothing, until)


def _given(source: Source, node: Node) -> Given | None:
    if not isinstance(node.value, dict) or not {"at", "event"} <= set(node.value):
        source.add(node.place, "C022", "expected {at: …, event: …, and the event's data}")
        return None
    at, event = moment_at(source, node.value["at"]), source.event(node.value["event"])
    data = {name: value.plain() for name, value in node.value.items() if name not in {"at", "event"}}
    check_event(source, node, event, data)
    return Given(at, event, data) if at else None


def _expect(source: Source, node: Node) -> tuple[tuple[Expected, ...], str]:
    if node.value == "nothing":
        return (), "any"
    if isinstance(node.value, dict) and set(node.value) == {"nothing"}:
        return (), _reason(source, node.value["nothing"])
    if not isinstance(node.value, list):
        source.add(node.place, "C022", "expected `nothing`, {nothing: REASON} or a list of lines")
        return (), "any"
    return tuple(line for item in node.value if (line := _line(source, item))), ""


def _line(source: Source, node: Node) -> Expected | None:
    fields = Fields(source, node, (*VERBS, "at", "because"))
    verbs = [verb for verb in VERBS if verb in fields]
    if len(verbs) != 1:
        source.add(node.place, "C022", f"expected exactly one of {', '.join(VERBS)} in an expected line")
        return None
    at = moment_at(source, fields.node("at")) if "at" in fields else None
    because = _reason(source, fields.node("because")) if "because" in fields else ""
    return Expected(verbs[0], _what(fields, verbs[0]), at, because)


def _what(fields: Fields, verb: str) -> str:
    """A name; of a reward also a number of points."""
    value = fields.node(verb).value
    return Reward("", points=value).what if verb == "reward" and type(value) is int else fields.text(verb)


def _reason(source: Source, node: Node) -> str:
    if node.value not in list(Reason):
        source.add(node.place, "C006", f'unknown reason "{node.value}"', expected=", ".join(Reason), suggestion=nearest(str(node.value), Reason))
        return "any"
    return str(node.value)
