"""How a customer lies in the state table: arrays of values without names. What comes new is added at the end, with a default; nothing is taken out.

Each class is the row of its namesake in `core/customer.py`. Any other change needs a new `VERSION`, and a way to read the one before in `codec`.
"""

from typing import Any

import msgspec


class History(msgspec.Struct, array_like=True, gc=False):
    """Occurrences of one event type."""

    first: int
    last: int
    total: int
    entries: list[tuple[int, int, dict[str, float]]]
    latest: dict[str, Any]


class Instance(msgspec.Struct, array_like=True, gc=False):
    """A rule that runs."""

    rule: str
    occurrence: str
    begun: int
    moment: int
    due: int
    path: str
    trigger: dict[str, Any] | None
    answer: dict[str, Any] | None
    stops: list[str]
    held_by: str
    letter_command: str
    not_before: int
    version: str
    reward: dict[str, Any] | None


class Sent(msgspec.Struct, array_like=True, gc=False):
    """A message that counts for caps."""

    at: int
    purpose: str
    rule: str
    command_id: str
    shadow: bool


class Task(msgspec.Struct, array_like=True, gc=False):
    """A person has been asked."""

    rule: str
    occurrence: str
    path: str
    due: int
    escalate: str
    summary: str
    version: str


class Customer(msgspec.Struct, array_like=True, gc=False):
    """One customer."""

    id: str
    version: int
    now: int
    first_seen: int
    traits: dict[str, Any]
    told_at: dict[str, int]
    consents: dict[str, bool]
    consents_at: dict[str, int]
    history: dict[str, History]
    poor: list[int]
    good: list[int]
    spent: float
    points: int
    scores: dict[str, float]
    low_scores: list[int]
    open_tickets: dict[str, int]
    closed: dict[str, int]
    tasks: dict[str, Task]
    tags: list[str]
    seen: list[int]
    instances: list[Instance]
    occasions: dict[str, list[int]]
    last_start: dict[str, int]
    sent: list[Sent]
    edges: dict[str, bool]
    known: dict[str, str]
    timers: dict[str, int]
    unreachable: list[str]
    erased: bool
    stirred: bool = False


class Stored(msgspec.Struct, array_like=True, gc=False):
    """The record."""

    agenda: int | None
    customer: Customer
    activation: int
