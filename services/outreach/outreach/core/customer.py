"""Everything that is remembered of one customer; bounded by construction, so that a record stays small whatever happens."""

from dataclasses import dataclass, field, fields
from typing import Any

VERSION = 2
MAX_SEEN = 64
MAX_INSTANCES = 50
MAX_OCCASIONS = 48
MAX_SENT = 64
MAX_OPEN = 50
MAX_TAGS = 50
MAX_TRAITS = 60
MAX_TRAIT_TEXT = 300
MAX_CLOSED = 32
MAX_ADDRESSES = 5


Entry = tuple[int, int, dict[str, float]]


@dataclass(frozen=True, slots=True)
class History:
    """The occurrences of one event type: `entries` are [time ms, how many, {number field: sum}], oldest first."""

    first: int
    last: int
    total: int = 0
    entries: list[Entry] = field(default_factory=list)
    latest: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Instance:
    """A rule that runs for the customer. `path` is the step it stands at, `moment` that step's due moment, `due` when to look again (ms).

    `version` is the playbook's under which it began and finishes; empty where that was not yet kept: then the active one.

    `reward` is what it gave: `points`, and as `coupon` the pool and the grant (`reward_id`) for which the courier claims a code.
    """

    rule: str
    occurrence: str
    begun: int
    moment: int
    due: int
    path: str
    trigger: dict[str, Any] | None = None
    answer: dict[str, Any] | None = None
    stops: list[str] = field(default_factory=list)
    held_by: str = ""
    letter_command: str = ""
    not_before: int = 0
    version: str = ""
    reward: dict[str, Any] | None = None

    def copy(self) -> "Instance":
        """One that can be changed without changing this one."""
        other = object.__new__(Instance)
        for name in _INSTANCE:
            setattr(other, name, getattr(self, name))
        other.stops = self.stops.copy()
        return other


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that counts for caps; `shadow` ones count only for their own rule."""

    at: int
    purpose: str
    rule: str
    command_id: str
    shadow: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """A person has been asked to look after the customer; past `due` (ms) the team `escalate` is told."""

    rule: str
    occurrence: str
    path: str
    due: int = 0
    escalate: str = ""
    summary: str = ""
    version: str = ""


@dataclass(slots=True)
class Customer:
    """One customer. Times in ms since 1970; `now` is the latest moment that was handled.

    `stirred` is whether a step changed tags or points since conditions were last judged.
    """

    id: str
    version: int = VERSION
    now: int = 0
    first_seen: int = 0
    traits: dict[str, Any] = field(default_factory=dict)
    told_at: dict[str, int] = field(default_factory=dict)
    consents: dict[str, bool] = field(default_factory=dict)
    consents_at: dict[str, int] = field(default_factory=dict)
    history: dict[str, History] = field(default_factory=dict)
    poor: list[int] = field(default_factory=list)
    good: list[int] = field(default_factory=list)
    spent: float = 0.0
    points: int = 0
    scores: dict[str, float] = field(default_factory=dict)
    low_scores: list[int] = field(default_factory=list)
    open_tickets: dict[str, int] = field(default_factory=dict)
    closed: dict[str, int] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    seen: list[int] = field(default_factory=list)
    instances: list[Instance] = field(default_factory=list)
    occasions: dict[str, list[int]] = field(default_factory=dict)
    last_start: dict[str, int] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    edges: dict[str, bool] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)
    timers: dict[str, int] = field(default_factory=dict)
    unreachable: list[str] = field(default_factory=list)
    erased: bool = False
    stirred: bool = False

    def copy(self) -> "Customer":
        """A customer that can be changed without changing this one. History, Sent and Task are never changed, only replaced."""
        other = object.__new__(Customer)
        for name in _PLAIN:
            setattr(other, name, getattr(self, name))
        for name in _CONTAINERS:
            setattr(other, name, getattr(self, name).copy())
        other.instances = [instance.copy() for instance in self.instances]
        other.occasions = {rule: hashes.copy() for rule, hashes in self.occasions.items()}
        return other

    def next_due(self) -> int | None:
        """The earliest moment (ms) at which something of this customer wants to be looked at."""
        due = min(self.timers.values(), default=None)
        for instance in self.instances:
            if due is None or instance.due < due:
                due = instance.due
        for task in self.tasks.values():
            if task.due and (due is None or task.due < due):
                due = task.due
        return due


_CONTAINERS = (
    *("traits", "told_at", "consents", "consents_at", "history", "poor", "good", "scores", "low_scores", "open_tickets", "closed", "tasks"),
    *("tags", "seen", "last_start", "sent", "edges", "known", "timers", "unreachable"),
)
_PLAIN = tuple(each.name for each in fields(Customer) if each.name not in (*_CONTAINERS, "instances", "occasions"))
_INSTANCE = tuple(each.name for each in fields(Instance))
