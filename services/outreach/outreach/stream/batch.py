"""The one seam between Faust and us: a batch of raw records goes in, outputs and state changes come out."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from msgspec import Struct


class Raw(Struct, frozen=True):
    """A record as it lies on the broker. Like `Output` it is made for each one, ten times as fast as a dataclass."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()


class State(Protocol):
    """What one partition of the tables holds, as of the end of the batch before."""

    def customer(self, key: bytes) -> bytes | None:
        """The stored record of a customer."""
        ...

    def customers(self, after: bytes, limit: int) -> Sequence[tuple[bytes, bytes]]:
        """The first `limit` customers behind the key `after`, with their stored records, in the order of their keys."""
        ...

    def playbooks(self) -> bytes | None:
        """The stored timeline of the playbook's versions."""
        ...

    def due(self, upto: int, limit: int) -> Sequence[tuple[int, bytes]]:
        """The first `limit` agenda entries (due moment in ms since 1970, customer key) with a due moment <= `upto`, in time order."""
        ...


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one partition in their order; a tick is worked off when `tick` (ms since 1970) is set: everything due up to then."""

    partition: int
    records: Sequence[Raw]
    state: State
    tick: int | None = None


class Output(Struct, frozen=True):
    """A record to be produced; without `partition` to the one the batch came from."""

    topic: str
    key: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class Dead:
    """A record that cannot be worked off, and why (without personal data)."""

    record: Raw
    why: str


@dataclass(slots=True)
class Outcome:
    """What the batch leads to. `customers` and `agenda` map keys to values; None deletes. `more`: further agenda entries are due for the same tick.

    `playbooks` is the timeline where it changed.
    """

    outputs: list[Output] = field(default_factory=list)
    customers: dict[bytes, bytes | None] = field(default_factory=dict)
    agenda: dict[bytes, bytes | None] = field(default_factory=dict)
    dead: list[Dead] = field(default_factory=list)
    playbooks: bytes | None = None
    more: bool = False


class NotYet(Exception):
    """The handler lacks something: when what `until` gives has been awaited, it is called again with the same batch."""

    def __init__(self, until: Callable[[], Awaitable[object]]) -> None:
        super().__init__("something has to be awaited first")
        self.until = until


class Handler(Protocol):
    """Pure with respect to the broker: called again with the same batch and state, it gives an equal outcome."""

    def __call__(self, batch: Batch) -> Outcome:
        """Works off a batch; may raise NotYet. Raising anything else means that the code is broken, and stops the process with nothing acknowledged."""
        ...


_WIDTH = 8


def agenda_key(due: int, customer: bytes) -> bytes:
    """The key of an agenda entry: keys sort by time (ms since 1970), then by customer."""
    return due.to_bytes(_WIDTH, "big") + customer


def agenda_entry(key: bytes) -> tuple[int, bytes]:
    """The due moment and customer of an agenda key."""
    return int.from_bytes(key[:_WIDTH], "big"), key[_WIDTH:]
