"""A rule as a value: when it begins, its steps as a flat program, and what is agreed about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, Protocol

from outreach.core.conditions import Condition
from outreach.core.policy import DAY, Policy
from outreach.core.steps import Alert, Branch, Call, Jump, Reward, Send, StopIf, Tag, Variant, Wait, WaitFor, WaitUntil


@dataclass(frozen=True, slots=True)
class OnEvent:
    """Begins when such an event arrives and the condition holds."""

    types: tuple[str, ...]
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class OnSilence:
    """Begins `for_ms` after the last such event, or after the first event seen of a customer who never had one."""

    types: tuple[str, ...]
    for_ms: int
    condition: Condition | None = None


BY_STEPS = "a step of a rule"  # stands among event types for what changes tags and points besides events


@dataclass(frozen=True, slots=True)
class OnEdge:
    """Begins when the condition turns from false to true. `moved_by` are the event types that can change its value, None where any can."""

    condition: Condition
    moved_by: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class OnPeriod:
    """Begins every `every` ms after the first `since` event, the date in the trait `field`, or (neither) the first sight, at a minute of the day."""

    every: int
    since: str = ""
    field: str = ""
    minute: int | None = None
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class OnAnniversary:
    """Begins every year on the day in the trait `field`, at a minute of the customer's day; 29 February is kept on the 28th in other years."""

    field: str
    minute: int
    condition: Condition | None = None


class Schedule(Protocol):
    """Calendar times on a wall clock; how they are written is not the core's business."""

    def after(self, wall: datetime) -> datetime | None:
        """The first naive wall-clock time later than `wall`; None when there is none any more."""
        ...


@dataclass(frozen=True, slots=True)
class OnSchedule:
    """Begins at calendar times of the customer's zone."""

    schedule: Schedule
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class OnMoment:
    """Begins once, at one wall-clock time of the customer's zone, for every customer who is known by then."""

    wall: datetime
    condition: Condition | None = None


OnCalendar = OnPeriod | OnAnniversary | OnSchedule | OnMoment
When = OnEvent | OnSilence | OnEdge | OnCalendar


Step = Wait | WaitUntil | WaitFor | StopIf | Branch | Variant | Jump | Send | Alert | Tag | Reward | Call


@dataclass(frozen=True, slots=True)
class Cancel:
    """Ends running instances when such an event comes; `match` is the field that must agree, empty for none.

    `both` is whether both must have it: a match that the rule asks for never holds where it is missing (Semantics 10).
    """

    type: str
    condition: Condition | None = None
    match: str = ""
    both: bool = False


MODES = ("off", "shadow", "live")  # the strictest first


class OncePer(StrEnum):
    """What makes two moments the same occasion."""

    EVENT = "event"
    FIELD = "field"
    CUSTOMER = "customer"
    DURATION = "duration"


@dataclass(frozen=True)
class Rule:
    """One rule; durations in milliseconds. `revision` is the hash of what was written."""

    id: str
    why: str
    purpose: str
    when: When
    steps: tuple[Step, ...]
    cancel_on: tuple[Cancel, ...] = ()
    once_per: OncePer = OncePer.EVENT
    once_field: str = ""
    once_ms: int = 0
    priority: int = 50
    expires_after: int = 7 * DAY
    mode: str = "live"
    when_capped: str = ""
    why_you_get_this: str = ""
    revision: str = ""

    @cached_property
    def correlates(self) -> frozenset[str]:
        """The fields by which later events are recognised as belonging to what began the rule."""
        matches = [step.match for step in self.steps if isinstance(step, WaitFor)] + [cancel.match for cancel in self.cancel_on]
        return frozenset(name for name in (self.once_field, *matches) if name)

    @cached_property
    def awaits(self) -> frozenset[str]:
        """The event types that a step of it waits for."""
        return frozenset(name for step in self.steps if isinstance(step, WaitFor) for name in step.types)

    @cached_property
    def cancelled_by(self) -> frozenset[str]:
        """The event types that may end it."""
        return frozenset(cancel.type for cancel in self.cancel_on)

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Where each step stands in the program, by its path."""
        return {step.path: place for place, step in enumerate(self.steps)}


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """What deciding needs to know of a letter."""

    survey: str = ""
    languages: tuple[str, ...] = ("en",)


@dataclass(frozen=True)
class Playbook:
    """An accepted version of everything that care teams wrote; `version` is its content hash."""

    version: str
    rules: tuple[Rule, ...] = ()
    policy: Policy = field(default_factory=Policy)
    letters: Mapping[str, LetterFacts] = field(default_factory=dict)
    surveys: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def by_id(self) -> Mapping[str, Rule]:
        """Rules by their id."""
        return {rule.id: rule for rule in self.rules}

    @cached_property
    def begun_by(self) -> Mapping[str, tuple[Rule, ...]]:
        """The rules that an event type may begin."""
        found: dict[str, tuple[Rule, ...]] = {}
        for rule in self.rules:
            for event_type in rule.when.types if isinstance(rule.when, OnEvent) else ():
                found[event_type] = (*found.get(event_type, ()), rule)
        return found

    @cached_property
    def timed(self) -> Mapping[str, str]:
        """The rules for which something is remembered of each customer before they begin, with their revisions."""
        return {rule.id: rule.revision for rule in self.rules if not isinstance(rule.when, OnEvent)}

    @cached_property
    def silences(self) -> tuple[tuple[Rule, OnSilence], ...]:
        """The rules that begin after a silence."""
        return tuple((rule, rule.when) for rule in self.rules if isinstance(rule.when, OnSilence))

    @cached_property
    def calendar(self) -> tuple[tuple[Rule, OnCalendar], ...]:
        """The rules that begin at times of the calendar."""
        return tuple((rule, rule.when) for rule in self.rules if isinstance(rule.when, OnCalendar))

    @cached_property
    def edges(self) -> tuple[tuple[Rule, OnEdge], ...]:
        """The rules that begin when a condition becomes true."""
        return tuple((rule, rule.when) for rule in self.rules if isinstance(rule.when, OnEdge))
