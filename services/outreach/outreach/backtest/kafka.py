"""The log as it lies on care.events: each partition is a part, its records are numbered by their offsets."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from care_contracts.topics import EVENTS

from outreach.backtest.trouble import BrokenPart, NoLog

RECORD_BYTES = 500  # what an event has, roughly
WAIT_MS = 500
PATIENCE_S = 30


@dataclass(frozen=True)
class Bound:
    """An offset of every partition, or the first record of a moment (ms since 1970, by the broker's time stamps) and later."""

    offset: int | None = None
    moment: int | None = None


@dataclass(frozen=True)
class Partition:
    """The records of a partition from offset `first` to before `end`.

    The embedded broker says that a topic ends after the *first* record of its last batch. So what was fetched with the last record
    belongs to it, unless `exact` says that `end` was asked for.
    """

    kafka: str
    number: int
    first: int
    end: int
    exact: bool

    @property
    def name(self) -> str:
        """`care.events/3`."""
        return f"{EVENTS.name}/{self.number}"

    @property
    def size(self) -> int:
        """Bytes, roughly."""
        return (self.end - self.first) * RECORD_BYTES

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Every record; raises BrokenPart when the broker stops answering. A tombstone is an empty text."""
        if self.first >= self.end:
            return
        with asyncio.Runner() as here:
            consumer = here.run(_started(self.kafka))
            try:
                yield from self._records(here, consumer)
            finally:
                here.run(consumer.stop())

    def _records(self, here: asyncio.Runner, consumer: AIOKafkaConsumer) -> Iterator[tuple[int, bytes]]:
        partition, at = TopicPartition(EVENTS.name, self.number), self.first
        consumer.assign([partition])
        consumer.seek(partition, self.first)
        while at < self.end:
            try:
                batch, at = here.run(asyncio.wait_for(_next(consumer, partition), PATIENCE_S))
            except (KafkaError, OSError, TimeoutError) as error:
                raise BrokenPart(at, f"the broker does not answer: {type(error).__name__}") from error
            yield from ((offset, raw) for offset, raw in batch if offset < self.end or not self.exact)


async def _started(kafka: str) -> AIOKafkaConsumer:
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, enable_auto_commit=False, auto_offset_reset="earliest")
    try:
        await consumer.start()
    except (KafkaError, OSError) as error:
        await consumer.stop()
        raise NoLog(f"no broker answers at {kafka}: {type(error).__name__}") from error
    return consumer


async def _next(consumer: AIOKafkaConsumer, partition: TopicPartition) -> tuple[list[tuple[int, bytes]], int]:
    """The next records, and the offset after them (which is further on where a transaction or compaction left gaps)."""
    before = await consumer.position(partition)
    while True:
        records = (await consumer.getmany(partition, timeout_ms=WAIT_MS)).get(partition, [])
        after = await consumer.position(partition)
        if after > before:
            return [(record.offset, record.value or b"") for record in records], after


def partitions_of(kafka: str, first: Bound, end: Bound) -> tuple[Partition, ...]:
    """What lies on care.events at this moment within the bounds, whatever arrives meanwhile; raises NoLog."""
    try:
        return asyncio.run(_partitions(kafka, first, end))
    except KafkaError as error:
        raise NoLog(f"the broker at {kafka} cannot tell what lies on {EVENTS.name}: {type(error).__name__}") from error


async def _partitions(kafka: str, first: Bound, end: Bound) -> tuple[Partition, ...]:
    consumer = await _started(kafka)
    try:
        numbers = sorted(consumer.partitions_for_topic(EVENTS.name) or await _looked_up(consumer))
        partitions = [TopicPartition(EVENTS.name, number) for number in numbers]
        begins, ends = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
        firsts, lasts = await _bound(consumer, first, begins, ends, begins), await _bound(consumer, end, begins, ends, ends)
        return tuple(Partition(kafka, one.partition, firsts[one], lasts[one], end != Bound()) for one in partitions)
    finally:
        await consumer.stop()


async def _looked_up(consumer: AIOKafkaConsumer) -> set[int]:
    """The partitions, which a consumer knows only once it was asked about the topic."""
    topics = await consumer.topics()
    if EVENTS.name not in topics:
        raise NoLog(f"there is no topic {EVENTS.name} on the broker")
    return set(consumer.partitions_for_topic(EVENTS.name) or ())


Offsets = Mapping[TopicPartition, int]


async def _bound(consumer: AIOKafkaConsumer, bound: Bound, begins: Offsets, ends: Offsets, without: Offsets) -> Offsets:
    if bound.offset is not None:
        return {partition: min(max(bound.offset, begins[partition]), ends[partition]) for partition in begins}
    if bound.moment is None:
        return without
    found = await consumer.offsets_for_times(dict.fromkeys(begins, bound.moment))
    return {partition: found[partition].offset if found.get(partition) else ends[partition] for partition in begins}
