"""One partition's queue: events and ticks go in as they are fetched, and come out as the next piece of work, in order."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

from outreach.stream.batch import Raw
from outreach.stream.keys import Marker
from outreach.stream.ticks import Tick


@dataclass(frozen=True, slots=True)
class Work:
    """Either events in their order or one tick; `until` is the marker once it is all done."""

    records: tuple[Raw, ...]
    tick: Tick | None
    until: Marker


class Lane:
    """Bookkeeping only: knows what is waiting, what is next and how far the partition is worked off.

    `ticking` is True from when a tick is sent for the partition until it is worked off, so that there is one at a time.
    """

    def __init__(self, partition: int, marker: Marker, batch_records: int, batch_bytes: int) -> None:
        self.partition = partition
        self.marker = marker
        self._batch_records = batch_records
        self._batch_bytes = batch_bytes
        self._events: deque[Raw] = deque()
        self._tick: Tick | None = None
        self._ticks_until = marker.ticks
        self._fetched = marker.events
        self._tick_after: int | None = None
        self._ticked = False
        self.ticking = False

    @property
    def waiting(self) -> int:
        """Events that are fetched and not yet handed out."""
        return len(self._events)

    def events(self, records: Sequence[Raw]) -> None:
        """Further events, in offset order; what the marker already covers is dropped."""
        self._events.extend(record for record in records if record.offset >= self._fetched)
        self._fetched = max(self._fetched, records[-1].offset + 1)

    def ticks(self, records: Sequence[Raw]) -> None:
        """Further ticks; only the one that reaches furthest is worked off, because it covers the others."""
        for record in records:
            if record.offset >= self._ticks_until:
                self._ticks_until = record.offset + 1
                self._tick = _further(self._tick, Tick.decoded(record.value))
                self._tick_after = None
                self.ticking = True

    def next(self) -> Work | None:
        """The next work: a tick whose events are done, or events; in turns when there are both. None when there is nothing."""
        if self._tick_is_ready() and not (self._ticked and self._events):
            self._ticked = True
            return Work((), self._tick, replace(self.marker, ticks=self._ticks_until))
        self._ticked = False
        records = tuple(self._take())
        return Work(records, None, replace(self.marker, events=records[-1].offset + 1)) if records else None

    def done(self, until: Marker, *, more: bool) -> None:
        """The work up to `until` is on the broker and in the database; `more`: the tick goes on."""
        self.marker = until
        if not more and self._tick and until.ticks >= self._ticks_until:
            self._tick = self._tick_after = None
            self.ticking = False

    def halve(self, work: Work) -> Work:
        """The first half of events that were too much for one changelog batch; the second half waits again."""
        middle = len(work.records) // 2
        self._events.extendleft(reversed(work.records[middle:]))
        records = work.records[:middle]
        return replace(work, records=records, until=replace(work.until, events=records[-1].offset + 1))

    def _tick_is_ready(self) -> bool:
        """Once the last event that the tick names has been fetched, everything fetched with it goes first, too (see `Ends`)."""
        if self._tick is not None and self._tick_after is None and self._fetched >= self._tick.events:
            self._tick_after = self._fetched
        return self._tick_after is not None and self.marker.events >= self._tick_after

    def _take(self) -> list[Raw]:
        taken: list[Raw] = []
        size = 0
        while self._events and len(taken) < self._batch_records and size < self._batch_bytes:
            taken.append(self._events.popleft())
            size += len(taken[-1].value or b"")
        return taken


def _further(one: Tick | None, other: Tick) -> Tick:
    return other if one is None else Tick(max(one.upto, other.upto), max(one.events, other.events))
