"""Reads the topics as they lie on the broker, outside of every consumer group."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from care_contracts.topics import Topic

WAIT_MS = 50  # short: the embedded broker answers an empty fetch only after half of it


def partitions_of(topics: Iterable[Topic], common: int) -> list[TopicPartition]:
    """Every partition of the topics."""
    return [TopicPartition(topic.name, number) for topic in topics for number in range(topic.partitions(common))]


@asynccontextmanager
async def reader(kafka: str, partitions: list[TopicPartition]) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer of no group, at the beginning of the partitions."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, enable_auto_commit=False, auto_offset_reset="earliest", fetch_max_wait_ms=WAIT_MS)
    await consumer.start()
    try:
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        yield consumer
    finally:
        await consumer.stop()


async def whole(kafka: str, topic: Topic, common: int) -> list[ConsumerRecord]:
    """Everything that lies on the topic at this moment, each partition in its order."""
    partitions = partitions_of([topic], common)
    found: list[ConsumerRecord] = []
    async with reader(kafka, partitions) as consumer:
        ends = await consumer.end_offsets(partitions)
        for partition in partitions:
            while await consumer.position(partition) < ends[partition]:
                found += (await consumer.getmany(partition, timeout_ms=1000)).get(partition, [])
    return found


async def ends(kafka: str, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
    """The offset after the last record of each partition."""
    async with reader(kafka, partitions) as consumer:
        found: dict[TopicPartition, int] = await consumer.end_offsets(partitions)
        return found
