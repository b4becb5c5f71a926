"""What a message or a provider's call that came back tells us about a letter."""

from dataclasses import dataclass
from enum import StrEnum

from feedback.returned.faults import Fault


@dataclass(frozen=True, slots=True)
class Bounced:
    """The letter did not arrive, for good. `reason` is for people and names nobody."""

    command_id: str
    fault: Fault
    reason: str


@dataclass(frozen=True, slots=True)
class Complained:
    """The customer called the letter spam."""

    command_id: str


@dataclass(frozen=True, slots=True)
class Replied:
    """Somebody wrote back. `key` tells one reply from another."""

    command_id: str
    key: str


class Ignored(StrEnum):
    """What is counted and nothing else."""

    AUTOMATIC = "automatic"  # an out-of-office note, or another machine's answer
    DELAYED = "delayed"  # not there yet, and no failure so far
    DELIVERED = "delivered"  # a receipt
    OTHER_REPORT = "other_report"  # a feedback report that is no complaint
    UNPROVEN = "unproven"  # nothing in it was signed by us
    UNRELATED = "unrelated"  # mail that answers no letter
    UNREADABLE = "unreadable"  # built in a way that no honest mail program builds


News = Bounced | Complained | Replied
