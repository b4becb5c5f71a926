"""More partitions: the state of every customer, timers included, is copied to where their events will come from now on.

`python -m outreach.stream.repartition KAFKA FROM_GROUP TO_GROUP PARTITIONS`, while no decider runs and everything is worked off
(docs/operations.md). What was there stays as it is: with the old group and count one could go back as long as nobody has written.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.partitioner import DefaultPartitioner
from care_contracts.topics import EVENTS, TICKS, TOPICS

from outreach.stream.app import CHANGELOG, TABLE
from outreach.stream.batch import agenda_entry
from outreach.stream.codec import decode, encode
from outreach.stream.decider import SWEEP
from outreach.stream.keys import AGENDA, CUSTOMER, PLAYBOOKS, Marker
from outreach.stream.rightful import Rightful
from outreach.stream.timeline import Timeline

_WAIT_MS = 200
_place = DefaultPartitioner()


class NotReady(RuntimeError):
    """Something has to be done first; the message says what."""


@dataclass(frozen=True)
class Move:
    """From one group's state to another's."""

    kafka: str
    old: str
    new: str
    partitions: int

    async def run(self) -> int:
        """Widens the topics, copies the state, and says how many customers' records were copied; raises NotReady. May be repeated."""
        async with AsyncExitStack() as stack:
            admin = AIOKafkaAdminClient(bootstrap_servers=self.kafka)
            stack.push_async_callback(admin.close)
            await admin.start()
            before = await stack.enter_async_context(_of(self.kafka, self.old))
            after = await stack.enter_async_context(_of(self.kafka, self.new))
            producer = await stack.enter_async_context(AIOKafkaProducer(bootstrap_servers=self.kafka, acks="all", linger_ms=20))
            await _check([each for topic in (EVENTS, TICKS) for each in await _partitions(admin, topic.name)], before)
            source = await _partitions(admin, _changelog(self.old))
            timeline = _agreed([record async for record in _rows(before, source) if record.key == PLAYBOOKS], len(source))
            await self._widen(admin)
            copied = await self._copy(before, producer, source, timeline)
            await self._begin_at_the_end(after)
            return copied

    async def _widen(self, admin: AIOKafkaAdminClient) -> None:
        for topic in TOPICS:
            if topic.aligned and len(await _partitions(admin, topic.name)) < self.partitions:
                await admin.create_partitions({topic.name: NewPartitions(self.partitions)})
        target = _changelog(self.new)
        if target in await admin.list_topics():
            raise NotReady(f"{target}: expected no such topic; delete it to begin anew")
        (old,) = await admin.describe_topics([_changelog(self.old)])
        copies = len(old["partitions"][0]["replicas"])
        await admin.create_topics([NewTopic(target, self.partitions, copies, topic_configs=CHANGELOG | {"cleanup.policy": "compact"})])

    async def _copy(self, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer, source: list[TopicPartition], timeline: Timeline) -> int:
        copied, places = 0, list(range(self.partitions))
        rightful = Rightful(lambda _: Marker())
        async for record in _rows(consumer, source):
            counts = rightful.instead(record.partition, record.key, record.value) is None
            for key, value in moved(record.key, record.value) if counts else ():
                place = _place(_customer(key), places, places)
                await producer.send(_changelog(self.new), value, key=key, partition=place)
                copied += key[:1] == CUSTOMER
        for partition in places:
            await producer.send(_changelog(self.new), timeline.encoded(), key=PLAYBOOKS, partition=partition)
        await producer.flush()
        return copied

    async def _begin_at_the_end(self, consumer: AIOKafkaConsumer) -> None:
        sources = [TopicPartition(topic.name, partition) for topic in (EVENTS, TICKS) for partition in range(self.partitions)]
        consumer.assign(sources)
        await consumer.commit(await consumer.end_offsets(sources))


def _of(kafka: str, group: str) -> AIOKafkaConsumer:
    """Knows what a group has committed, and is no member of it."""
    return AIOKafkaConsumer(bootstrap_servers=kafka, group_id=group, enable_auto_commit=False, fetch_max_wait_ms=_WAIT_MS)


async def _check(sources: list[TopicPartition], consumer: AIOKafkaConsumer) -> None:
    """Everything was worked off and committed."""
    for partition, end in (await consumer.end_offsets(sources)).items():
        done = await consumer.committed(partition) or 0
        if done < end:
            raise NotReady(f"{partition.topic}[{partition.partition}]: expected everything up to {end} to be worked off, got {done}")


def moved(key: bytes, value: bytes | None) -> Iterator[tuple[bytes, bytes | None]]:
    """The row as it is in the new place; markers and timelines stay behind, and activations are counted anew from 1."""
    if key[:1] == CUSTOMER:
        yield key, encode(replace(decode(value), activation=1)) if value is not None else None
    elif key[:1] == AGENDA and not _customer(key).startswith(SWEEP):
        yield key, value


def _customer(key: bytes) -> bytes:
    return key[1:] if key[:1] == CUSTOMER else agenda_entry(key[1:])[1]


def _agreed(rows: Iterable[ConsumerRecord], partitions: int) -> Timeline:
    """The timeline that all partitions will have; raises NotReady while they differ, or while customers still go over to a version."""
    latest = {row.partition: Timeline.decoded(row.value) for row in rows}
    versions = {timeline.last.version for timeline in latest.values()}
    if len(latest) < partitions or len(versions) != 1 or any(len(timeline.entries) > 1 for timeline in latest.values()):
        raise NotReady(f"expected one version of the playbook to be active everywhere, and all customers to have gone over to it, got {sorted(versions)}")
    newest = max((timeline.last for timeline in latest.values()), key=lambda active: active.at)
    return Timeline((replace(newest, number=1),))


def _changelog(group: str) -> str:
    return f"{group}-{TABLE}-changelog"


async def _partitions(admin: AIOKafkaAdminClient, topic: str) -> list[TopicPartition]:
    (described,) = await admin.describe_topics([topic])
    return [TopicPartition(topic, each["partition"]) for each in described["partitions"]]


async def _rows(consumer: AIOKafkaConsumer, source: list[TopicPartition]) -> AsyncIterator[ConsumerRecord]:
    """The changelog as it lies there, each partition in its order."""
    consumer.assign(source)
    await consumer.seek_to_beginning(*source)
    ends = await consumer.end_offsets(source)
    for partition in source:
        while await consumer.position(partition) < ends[partition]:
            for record in (await consumer.getmany(partition, timeout_ms=1000)).get(partition, []):
                yield record


def main() -> str:
    """What was done, in words."""
    if len(sys.argv) != len(("program", "kafka", "old", "new", "partitions")):
        sys.exit("usage: python -m outreach.stream.repartition KAFKA FROM_GROUP TO_GROUP PARTITIONS")
    kafka, old, new, partitions = sys.argv[1:]
    return f"{asyncio.run(Move(kafka, old, new, int(partitions)).run())} records of customers copied"


if __name__ == "__main__":
    print(main())  # noqa: T201 - it is a command
