"""The steps of a rule as values; each has the path by which it is known, such as `2` or `3.missed.0`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from outreach.core.conditions import Condition


@dataclass(frozen=True, slots=True)
class Wait:
    """Goes on after `ms` milliseconds."""

    path: str
    ms: int


@dataclass(frozen=True, slots=True)
class WaitUntil:
    """Goes on at the next such minute of the customer's day (0 is Monday)."""

    path: str
    minute: int
    weekday: int | None = None


@dataclass(frozen=True, slots=True)
class WaitFor:
    """Goes on when the event comes within `within` ms; otherwise the program goes on at `missed`."""

    path: str
    types: tuple[str, ...]
    within: int
    missed: int
    condition: Condition | None = None
    match: str = ""


@dataclass(frozen=True, slots=True)
class StopIf:
    """Ends the instance when the condition holds."""

    path: str
    condition: Condition


@dataclass(frozen=True, slots=True)
class Branch:
    """Goes on with the next step when the condition holds, at `otherwise` when not."""

    path: str
    condition: Condition
    otherwise: int


@dataclass(frozen=True, slots=True)
class Variant:
    """Goes on at the place of one arm, which is the customer's for ever; `arms` are (name, place)."""

    path: str
    arms: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Jump:
    """Goes on at `to`; the length of the program is its end."""

    path: str
    to: int


@dataclass(frozen=True, slots=True)
class Send:
    """Writes the letter to the customer."""

    path: str
    letter: str
    channel: str = "email"
    in_doubt: str = "hold"
    go_on_if_not_sent: bool = False


@dataclass(frozen=True, slots=True)
class Alert:
    """Asks a person, who has `within` ms (0: no deadline) before the team `escalate` is asked."""

    path: str
    team: str
    summary: str
    within: int = 0
    escalate: str = ""


@dataclass(frozen=True, slots=True)
class Tag:
    """Remembers (or forgets) a word about the customer."""

    path: str
    name: str
    add: bool = True


@dataclass(frozen=True, slots=True)
class Reward:
    """Gives a code of the pool `coupon`, or `points`, once per occasion."""

    path: str
    coupon: str = ""
    points: int = 0

    @property
    def what(self) -> str:
        """The gift in words: the pool's name, or the number of points."""
        return self.coupon or f"{self.points} points"


@dataclass(frozen=True, slots=True)
class Call:
    """Calls the system that policy.yaml knows as `webhook`, with plain data."""

    path: str
    webhook: str
    data: Mapping[str, Any] = field(default_factory=dict)
