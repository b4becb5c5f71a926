"""Which changelog records count when a partition is recovered: not what a worker wrote that woke up behind its successor's back.

The lease keeps a worker from beginning a write once it may have a successor; one that is stopped between that look and the
wire still gets its last batch into the changelog, behind batches that know more. Recovered as it came, it would take
customers back to what they were.
"""

from collections.abc import Callable

from outreach.stream.keys import MARKER, Marker


class Rightful:
    """Reads along, partition by partition: each batch begins with its marker, and the markers of rightful owners never go back."""

    def __init__(self, stored: Callable[[int], Marker]) -> None:
        self._stored = stored
        self._marks: dict[int, Marker] = {}
        self._behind: set[int] = set()

    def begin(self) -> None:
        """The next records continue what is stored."""
        self._marks.clear()
        self._behind.clear()

    def instead(self, partition: int, key: bytes | None, value: bytes | None) -> bytes | None:
        """None for a record that counts; for any other the marker that stays in its place."""
        mark = self._marks.get(partition)
        if mark is None:
            mark = self._marks[partition] = self._stored(partition)
        if key == MARKER:
            mark = self._begun(partition, mark, Marker.unpacked(value))
        return mark.packed() if partition in self._behind else None

    def _begun(self, partition: int, mark: Marker, batch: Marker) -> Marker:
        if batch.is_behind(mark):
            self._behind.add(partition)
            return mark
        self._behind.discard(partition)
        self._marks[partition] = batch
        return batch
