"""The shapes on the topics: an event, a command to the courier, a decision; plain values, times in milliseconds since 1970 UTC."""

from collections.abc import Mapping
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from care_contracts.reasons import Reason, Verdict

Data = Mapping[str, Any]
R = TypeVar("R", bound=Struct)


def altered(record: R, **fields: Any) -> R:
    """The same record with some fields different."""
    return replace(record, **fields)


class Event(Struct, frozen=True):
    """A fact about one customer (a CloudEvent). `recorded` is when our producer wrote it down, `time` when it happened."""

    id: str
    source: str
    type: str
    customer_id: str
    time: int
    recorded: int
    data: Data = {}
    history: bool = False

    def not_later_than(self, moment: int) -> "Event":
        """The same event, happened at `moment` (ms since 1970) at the latest."""
        return self if self.time <= moment else altered(self, time=moment)


class Command(Struct, frozen=True):
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
    context: Data = {}
    options: Data = {}


class Decision(Struct, frozen=True):
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
