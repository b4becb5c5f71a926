"""The shapes on the topics: an event, a command to the courier, a decision; plain values, times in milliseconds since 1970 UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from care_contracts.reasons import Reason, Verdict

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """A fact about one customer (a CloudEvent). `recorded` is when our producer wrote it down, `time` when it happened."""

    id: str
    source: str
    type: str
    customer_id: str
    time: int
    recorded: int
    data: Data = field(default_factory=dict)
    history: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """What the courier shall do, once. `context` is plain data for the letter: `customer`, `event`, `answer`."""

    kind: str
    command_id: str
    customer_id: str
    rule: str
    step: str
    occurrence: str
    purpose: str
    playbook: str
    at: int
    due: int
    not_after: int
    language: str
    what: str
    address: str = ""
    channel: str = "email"
    in_doubt: str = "hold"
    why: str = ""
    survey: str = ""
    context: Data = field(default_factory=dict)
    options: Data = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided and why. `until` is set for holds; `what` names the letter, team, pool or webhook."""

    verdict: Verdict
    at: int
    customer_id: str
    rule: str
    occurrence: str
    step: str
    playbook: str
    reason: Reason | None = None
    detail: str = ""
    what: str = ""
    command_id: str = ""
    until: int | None = None
