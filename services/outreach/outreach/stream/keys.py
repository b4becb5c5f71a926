"""The keys of the one table: customers, their agenda, the playbook's timeline and the marker share a partition's database and changelog.

One table, not two, because only then a batch is one record batch of one changelog and one write to one database:
all of it is always of the same moment.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from struct import Struct
from typing import Self

CUSTOMER = b"c"
AGENDA = b"a"
MARKER = b"m"
PLAYBOOKS = b"p"

_LAYOUT = Struct(">QQI")

Changes = Mapping[bytes, bytes | None]


@dataclass(frozen=True, slots=True)
class Marker:
    """How far a partition is worked off: the next offset of either source topic, and the dead records in a row just before it."""

    events: int = 0
    ticks: int = 0
    dead_in_a_row: int = 0

    def packed(self) -> bytes:
        """The marker as it is stored."""
        return _LAYOUT.pack(self.events, self.ticks, self.dead_in_a_row)

    def is_behind(self, other: Self) -> bool:
        """Whether less is worked off than `other` says, and nothing more."""
        return (self.events, self.ticks) != (other.events, other.ticks) and self.events <= other.events and self.ticks <= other.ticks

    @classmethod
    def unpacked(cls, stored: bytes | None) -> Self:
        """The stored marker; a partition without one begins at 0."""
        return cls(*_LAYOUT.unpack(stored)) if stored else cls()


def table_changes(customers: Changes, agenda: Changes, playbooks: bytes | None, marker: Marker) -> Iterator[tuple[bytes, bytes | None]]:
    """The table's keys and values after a batch; None deletes. The marker comes first and says what the others are part of (see `rightful`)."""
    yield MARKER, marker.packed()
    yield from ((CUSTOMER + key, value) for key, value in customers.items())
    yield from ((AGENDA + key, value) for key, value in agenda.items())
    if playbooks is not None:
        yield PLAYBOOKS, playbooks
