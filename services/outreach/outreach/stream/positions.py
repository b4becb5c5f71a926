"""From which offset on a partition's records are accepted: what a seek or a rebalance left in flight must not slip through."""

from collections.abc import Hashable, Mapping
from typing import Protocol, TypeVar


class _HasOffset(Protocol):
    @property
    def offset(self) -> int: ...


Fetched = TypeVar("Fetched", bound=_HasOffset)


class Positions:
    """The next offset of every partition that has been positioned; one that has not been accepts nothing."""

    def __init__(self) -> None:
        self._next: dict[Hashable, int] = {}
        self._holes: dict[Hashable, tuple[int, int]] = {}

    def clear(self) -> None:
        """Nothing is accepted until the next `start`."""
        self._next.clear()
        self._holes.clear()

    def start(self, offsets: Mapping[Hashable, int]) -> None:
        """Records are accepted from these offsets on."""
        self._next.update(offsets)

    def expected(self, partition: Hashable) -> int | None:
        """The offset that must come next; None before `start`."""
        return self._next.get(partition)

    def accept(self, partition: Hashable, records: list[Fetched]) -> list[Fetched] | None:
        """The records that continue where the partition stands, or None: fetch again from `expected`.

        A hole is believed only when a second fetch shows the same one: then the log has it (compaction, retention).
        """
        expected = self._next.get(partition)
        if expected is None:
            return []
        fresh = records if records[0].offset >= expected else [record for record in records if record.offset >= expected]
        if fresh and fresh[0].offset > expected and self._holes.get(partition) != (expected, fresh[0].offset):
            self._holes[partition] = (expected, fresh[0].offset)
            return None
        if fresh:
            self._next[partition] = fresh[-1].offset + 1
        return fresh
