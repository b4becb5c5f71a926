"""What every row stands on: one broker on a core of its own, with the log of events on it, written once."""

import asyncio
import os
import subprocess
import time
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaConnectionError
from care_contracts.topics import DEFAULT_PARTITIONS, EVENTS, OUTREACH, TOPICS, Topic
from care_contracts.wire import encode_event

from deploy.bench.backtest import lives
from deploy.bench.decide.meter import pin
from deploy.embedded.broker import Broker, NoBroker, choose
from deploy.embedded.ports import free_port

READY_S = 60.0
# The embedded broker answers who joins only when the rebalance time is over.
SLOW_TO_JOIN = {"session_timeout": 6.0, "rebalance_timeout": 3.0, "fetch_wait": 0.05}


@dataclass(frozen=True)
class Ground:
    """A running broker at `kafka`, the core that the measured process gets, and what it is told because of this broker."""

    broker: Broker
    kafka: str
    core: int
    told: Mapping[str, Any]


def cores() -> tuple[int, int]:
    """The broker's core and the measured process's; the same one where there is no other."""
    there = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
    return there[0], there[-1]


@contextmanager
def ground(folder: Path) -> Iterator[Ground]:
    """Apache Kafka from its jars where Java and Maven are, else the embedded broker; gone afterwards."""
    for_broker, for_rows = cores()
    pin(for_broker)
    port = free_port()
    java = bool(which("java") and which("mvn"))
    broker = choose("java" if java else "auto", port, folder / "kafka")
    _run(*broker.before)
    process = subprocess.Popen(broker.program.argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) if broker.program else None
    try:
        yield Ground(broker, f"127.0.0.1:{port}", for_rows, {"idempotence": java} if java else SLOW_TO_JOIN)
    finally:
        if process:
            process.kill()
            process.wait()
        _run(*broker.after)


def _run(*commands: tuple[str, ...]) -> None:
    for command in commands:
        done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            raise NoBroker(f"{' '.join(command)} ended with {done.returncode}: {done.stdout[-2000:]}")


async def create_topics(kafka: str) -> None:
    """All topics, as soon as the broker answers; events and commands are stamped by the broker, for the latency."""
    until = time.monotonic() + READY_S
    while True:
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
        try:
            await admin.start()
            await admin.create_topics([_new(topic) for topic in TOPICS])
        except KafkaConnectionError:
            if time.monotonic() > until:
                raise
            await asyncio.sleep(0.2)
        else:
            return
        finally:
            await admin.close()


def _new(topic: Topic) -> NewTopic:
    stamped = {"message.timestamp.type": "LogAppendTime"} if topic in {EVENTS, OUTREACH} else {}
    return NewTopic(topic.name, topic.partitions(DEFAULT_PARTITIONS), 1, topic_configs=topic.config() | stamped)


async def preload(kafka: str, copies: int, parts: int) -> int:
    """Writes the log to care.events and says how many events it has.

    Each part has whole lives, in the order of time, of `copies` times the customers of the sample.
    """
    written = 0
    async with producer(kafka) as sending:
        for part in range(parts):
            for event in lives(range(part * copies, (part + 1) * copies)):
                await sending.send(EVENTS.name, encode_event(event), key=event.customer_id.encode())
                written += 1
    return written


@asynccontextmanager
async def producer(kafka: str, linger_ms: int = 20) -> AsyncIterator[AIOKafkaProducer]:
    """Ends when everything is acknowledged."""
    sending = AIOKafkaProducer(bootstrap_servers=kafka, acks="all", linger_ms=linger_ms, max_batch_size=131_072)
    await sending.start()
    try:
        yield sending
        await sending.flush()
    finally:
        await sending.stop()


async def sizes(kafka: str, topics: Collection[str]) -> dict[str, int]:
    """How many records were ever written to each topic; 0 for one that does not exist."""
    if not topics:
        return {}
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, enable_auto_commit=False)
    await admin.start()
    await consumer.start()
    try:
        there = await admin.describe_topics(sorted(set(topics) & set(await admin.list_topics())))
        partitions = [TopicPartition(row["topic"], each["partition"]) for row in there for each in row["partitions"]]
        ends = await consumer.end_offsets(partitions)
        return {topic: sum(end for partition, end in ends.items() if partition.topic == topic) for topic in topics}
    finally:
        await consumer.stop()
        await admin.close()
