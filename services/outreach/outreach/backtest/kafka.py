"""The log as it lies on care.events: each partition is a part, its records are numbered by their offsets."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from care_contracts.topics import EVENTS

from outreach.backtest.trouble import BrokenPart, NoLog

RECORD_BYTES = 500  # what an event has, roughly
WAIT_MS = 500
PATIENCE_S = 30


@dataclass(frozen=True)
class Bounds:
    """Of each partition the records from offset `first` to before `end`, and none that the broker got before `since` (ms since 1970)."""

    first: int | None = None
    end: int | None = None
    since: int | None = None


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

    @property
    def topic_partition(self) -> TopicPartition:
        """As the client calls it."""
        return TopicPartition(EVENTS.name, self.number)

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Every record; raises BrokenPart when the broker stops answering. A tombstone is an empty text."""
        if self.first >= self.end:
            return
        with asyncio.Runner() as here:
            consumer = here.run(_started(self.kafka, self))
            try:
                yield from self._records(here, consumer)
            finally:
                here.run(consumer.stop())

    def _records(self, here: asyncio.Runner, consumer: AIOKafkaConsumer) -> Iterator[tuple[int, bytes]]:
        at = self.first
        while at < self.end:
            try:
                batch, at = here.run(asyncio.wait_for(_next(consumer, self.topic_partition), PATIENCE_S))
            except (KafkaError, OSError, TimeoutError) as error:
                raise BrokenPart(at, f"the broker does not answer: {type(error).__name__}") from error
            yield from ((offset, raw) for offset, raw in batch if offset < self.end or not self.exact)


async def _started(kafka: str, place: Partition | None = None) -> AIOKafkaConsumer:
    """A consumer of no group, at the beginning of the place if there is one."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, enable_auto_commit=False, auto_offset_reset="earliest")
    try:
        await consumer.start()
    except (KafkaError, OSError) as error:
        await consumer.stop()
        raise NoLog(f"no broker answers at {kafka}: {type(error).__name__}") from error
    if place:
        consumer.assign([place.topic_partition])
        consumer.seek(place.topic_partition, place.first)
    return consumer


async def _next(consumer: AIOKafkaConsumer, partition: TopicPartition) -> tuple[list[tuple[int, bytes]], int]:
    """The next records, and the offset after them (which is further on where a transaction or compaction left gaps)."""
    before = await consumer.position(partition)
    while True:
        records = (await consumer.getmany(partition, timeout_ms=WAIT_MS)).get(partition, [])
        after = await consumer.position(partition)
        if after > before:
            return [(record.offset, record.value or b"") for record in records], after


def partitions_of(kafka: str, bounds: Bounds) -> tuple[Partition, ...]:
    """What lies on care.events at this moment within the bounds, whatever arrives meanwhile; raises NoLog."""
    try:
        return asyncio.run(_partitions(kafka, bounds))
    except KafkaError as error:
        raise NoLog(f"the broker at {kafka} cannot tell what lies on {EVENTS.name}: {type(error).__name__}") from error


async def _partitions(kafka: str, bounds: Bounds) -> tuple[Partition, ...]:
    consumer = await _started(kafka)
    try:
        partitions = [TopicPartition(EVENTS.name, number) for number in await _numbers(kafka)]
        begins, ends = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
        begins = begins if bounds.since is None else await _since(consumer, bounds.since, begins)
        return tuple(_within(Partition(kafka, one.partition, begins[one], ends[one], exact=bounds.end is not None), bounds) for one in partitions)
    finally:
        await consumer.stop()


async def _numbers(kafka: str) -> list[int]:
    """The topic's partitions. Which topics there are is asked first, because asking about one may create it."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        if EVENTS.name not in await admin.list_topics():
            raise NoLog(f"there is no topic {EVENTS.name} on the broker at {kafka}")
        (topic,) = await admin.describe_topics([EVENTS.name])
        return sorted(partition["partition"] for partition in topic["partitions"])
    finally:
        await admin.close()


async def _since(consumer: AIOKafkaConsumer, moment: int, begins: Mapping[TopicPartition, int]) -> Mapping[TopicPartition, int]:
    found = await consumer.offsets_for_times(dict.fromkeys(begins, moment))
    return {partition: found[partition].offset if found.get(partition) else begin for partition, begin in begins.items()}


def _within(found: Partition, bounds: Bounds) -> Partition:
    first = found.first if bounds.first is None else max(found.first, bounds.first)
    return replace(found, first=first, end=found.end if bounds.end is None else min(found.end, bounds.end))
