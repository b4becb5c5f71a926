"""Which offsets may be committed: only those with nothing unfinished before them, and only of partitions that are ours."""

from collections.abc import Hashable
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Partition:
    """Offsets in the order of their arrival (gaps are normal); a finished one is removed once everything before it is."""

    waiting: dict[int, bool] = field(default_factory=dict)
    next_offset: int | None = None

    def finish(self, offset: int) -> None:
        self.waiting[offset] = True
        while self.waiting and self.waiting[first := next(iter(self.waiting))]:
            del self.waiting[first]
            self.next_offset = first + 1


@dataclass(frozen=True, slots=True)
class Receipt:
    """One record under way; it remembers the period of ownership in which it arrived."""

    partition: Hashable
    offset: int
    owned: _Partition


@dataclass(slots=True)
class Offsets:
    """The records under way, by partition, between their arrival and the commit of their offset."""

    _owned: dict[Hashable, _Partition] = field(default_factory=dict)
    _leaving: set[Hashable] = field(default_factory=set)

    def assign(self, partition: Hashable) -> None:
        """A partition became ours; what is still under way from an earlier time no longer counts."""
        self._owned[partition] = _Partition()
        self._leaving.discard(partition)

    def leave(self, partition: Hashable) -> None:
        """A partition will be ours no more: nothing new of it is begun, what is under way may still finish and be committed."""
        self._leaving.add(partition)

    def revoke(self, partition: Hashable) -> None:
        """A partition is ours no more: nothing of it will be committed."""
        self._owned.pop(partition, None)
        self._leaving.discard(partition)

    def owns(self, partition: Hashable) -> bool:
        """Whether records of the partition may be worked on."""
        return partition in self._owned and partition not in self._leaving

    def received(self, partition: Hashable, offset: int) -> Receipt | None:
        """Notes a record that begins to be worked on; None when its partition is not ours or the record is already under way."""
        owned = self._owned.get(partition)
        if owned is None or partition in self._leaving or offset in owned.waiting or (owned.next_offset is not None and offset < owned.next_offset):
            return None
        owned.waiting[offset] = False
        return Receipt(partition, offset, owned)

    def finished(self, receipt: Receipt) -> None:
        """Notes that nothing more has to be done for a record."""
        receipt.owned.finish(receipt.offset)

    def wanted(self, receipt: Receipt) -> bool:
        """Whether it still makes sense to begin: the record's partition stays ours, without interruption since the record arrived."""
        return self._owned.get(receipt.partition) is receipt.owned and receipt.partition not in self._leaving

    def committable(self) -> dict[Hashable, int]:
        """By partition that is ours the next offset to read, where something has finished."""
        return {partition: owned.next_offset for partition, owned in self._owned.items() if owned.next_offset is not None}
