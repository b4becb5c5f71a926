"""A log worked off by real lanes and flushes over tables in memory, with everything left to the dice that must not matter."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any
from zlib import crc32

from care_contracts.records import Event
from care_contracts.topics import EVENTS, TICKS
from care_contracts.wire import encode_event
from outreach.core.rules import Playbook
from outreach.stream.batch import Raw
from outreach.stream.decider import Decider
from outreach.stream.flush import Flush
from outreach.stream.keys import AGENDA, CUSTOMER, MARKER, Marker
from outreach.stream.lane import Lane
from outreach.stream.metrics import StreamMetrics
from outreach.stream.ticks import Tick
from outreach.stream.writer import Packed, Record
from prometheus_client import CollectorRegistry

from deploy.embedded.replay import Memory

CHANGELOG = "state-changelog"
METRICS = StreamMetrics(CollectorRegistry())


class Died(Exception):
    """The process did."""


class Table(Memory):
    """One partition's database: survives the process."""

    due_limit = 10_000
    mark: bytes | None = None

    def marker(self) -> Marker:
        return Marker.unpacked(self.mark)

    def write(self, changes: Iterable[tuple[bytes, bytes | None]], _offset: int) -> None:
        for key, value in changes:
            if key == MARKER:
                self.mark = value
                continue
            kept = {CUSTOMER: self.records, AGENDA: self.agenda}[key[:1]] if key[:1] in {CUSTOMER, AGENDA} else {}
            kept.pop(key[1:], None)
            if value is not None:
                kept[key[1:]] = value


@dataclass
class Log:
    """What the process writes, until the dice let it die instead: before a write, or behind it."""

    dice: Random
    often: float
    outputs: dict[bytes, list[bytes]] = field(default_factory=lambda: defaultdict(list))

    def packed(self, records: Sequence[Record]) -> Packed:
        some: list[Any] = [records]
        return Packed(records, some)

    async def write(self, topic: str, _partition: int, packed: Packed, *_: object) -> int:
        self._die_perhaps()
        if topic != CHANGELOG:
            for record in packed.records:
                self.outputs[record.key or b""].append(record.value or b"")
        self._die_perhaps()
        return 0

    def _die_perhaps(self) -> None:
        if self.dice.random() < self.often:
            raise Died


@dataclass
class Partition:
    """Its log: events in the order of their moments, ticks as they were sent, and the table."""

    number: int
    events: list[tuple[int, Raw]] = field(default_factory=list)
    ticks: list[Raw] = field(default_factory=list)
    table: Table = field(default_factory=Table)

    def append(self, moment: int, event: Event) -> None:
        self.events.append((moment, Raw(EVENTS.name, self.number, len(self.events), event.customer_id.encode(), encode_event(event))))

    def tick(self, upto: int, after: int) -> None:
        self.ticks.append(Raw(TICKS.name, self.number, len(self.ticks), b"0", Tick(upto, after).encoded()))


async def work_off(partition: Partition, flush: Flush, dice: Random, end: int) -> None:
    """One life of a process: from what the table says to the end of the log, or until it dies. `end` (ms since 1970) is when everything is over."""
    marker = partition.table.marker()
    lane, fetched = Lane(partition.number, marker, dice.randint(1, 9), dice.choice((700, 100_000))), marker.events
    if partition.ticks:
        lane.ticks(partition.ticks)
    while True:
        upto = partition.events[fetched][0] if fetched < len(partition.events) else end
        if dice.random() < 0.3 or upto == end:
            partition.tick(dice.randint(partition.events[0][0], upto) if upto != end else end, fetched)
            lane.ticks(partition.ticks[-1:])
        while (work := lane.next()) is not None:
            await flush.work_off(lane, partition.table, work)  # type: ignore[arg-type] # Table stands for the Store
        if fetched == len(partition.events):
            return
        some = [raw for _, raw in partition.events[fetched : fetched + dice.randint(1, 12)]]
        lane.events(some)
        fetched += len(some)


async def replayed(playbook: Playbook, events: Sequence[tuple[int, Event]], dice: Random, end: int) -> dict[bytes, list[bytes]]:
    """What is written of each customer, each record where it came first, when `events` (with their moments) are worked off somehow."""
    partitions = [Partition(number) for number in range(dice.choice((1, 2, 3, 12)))]
    for moment, event in events:
        partitions[crc32(event.customer_id.encode()) % len(partitions)].append(moment, event)
    log = Log(dice, dice.choice((0, 0.02, 0.1)))
    for partition in partitions:
        for life in count():
            log.often *= life < 20
            flush = Flush(Decider(playbook), log, METRICS, CHANGELOG, 50)  # type: ignore[arg-type] # Log stands for the Writer
            try:
                if partition.events:
                    await work_off(partition, flush, dice, end)
                break
            except Died:
                continue
    return {key: list(dict.fromkeys(values)) for key, values in log.outputs.items()}
