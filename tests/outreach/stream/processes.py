"""Real worker processes on a real broker, and what they must have left there."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from care_contracts.topics import EVENTS, OUTREACH, TOPICS

from deploy.embedded.ports import free_port

TOY = Path(__file__).with_name("toy.py")
PARTITIONS = 4
PATIENCE = 60.0


@dataclass(frozen=True)
class Place:
    """A broker, with what its workers have to be told about it."""

    kafka: str
    folder: Path
    told: Mapping[str, Any] = field(default_factory=dict)
    group: str = field(default_factory=lambda: f"decide-{uuid4().hex[:8]}")

    async def create_topics(self) -> None:
        """All topics, empty."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.kafka)
        await admin.start()
        names = {topic.name for topic in TOPICS}
        if old := names & set(await admin.list_topics()):
            await admin.delete_topics(list(old))
        while names & set(await admin.list_topics()):  # noqa: ASYNC110 the broker deletes them in its own time
            await asyncio.sleep(0.1)
        await admin.create_topics([NewTopic(topic.name, topic.partitions(PARTITIONS), 1) for topic in TOPICS])
        await admin.close()


@dataclass
class Worker:
    """A running toy."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()[-4000:]
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/readyz", timeout=2).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def end(self, how: signal.Signals, within: float = 30) -> int:
        """Sends the signal and gives the exit code."""
        self.process.send_signal(how)
        return self.process.wait(within)


@contextmanager
def worker(place: Place, name: str, program: Path = TOY, **told: Any) -> Iterator[Worker]:
    """A toy whose state is in the folder `name`; killed at the end if it still runs."""
    port = free_port()
    settings = {
        "kafka": place.kafka,
        "partitions": PARTITIONS,
        "state_dir": str(place.folder / name),
        "tick_grace": 0.2,
        "ops_port": port,
        "group": place.group,
    }
    log = place.folder / f"{name}.log"
    with log.open("ab") as out:
        command = [sys.executable, str(program), json.dumps(settings | dict(place.told) | told)]
        process = subprocess.Popen(command, stdout=out, stderr=out, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)})
    try:
        yield Worker(process, port, log)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def until(what: Callable[[], bool], within: float = PATIENCE) -> float:
    """Waits for a condition and gives the seconds it took."""
    start = time.monotonic()
    while not what():
        assert time.monotonic() - start < within, f"not within {within} s: {what}"
        time.sleep(0.05)
    return time.monotonic() - start


class Log:
    """Writes events and reads topics to their end."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.partitions = PARTITIONS
        self.sent: Counter[bytes] = Counter()
        self.ids: set[str] = set()

    async def send(self, count: int, customers: int = 50, pause: float = 0.0, **fields: Any) -> None:
        """`count` events of `customers` customers, each with a new id."""
        producer = AIOKafkaProducer(bootstrap_servers=self.place.kafka, acks="all", linger_ms=1)
        await producer.start()
        acknowledged = []
        for _ in range(count):
            event = {"id": f"e{len(self.ids)}", **fields}
            key = b"c%d" % (len(self.ids) % customers)
            self.ids.add(event["id"])
            self.sent[key] += not fields.get("poison")
            acknowledged.append(await producer.send(EVENTS.name, json.dumps(event).encode(), key=key))
            if pause and len(acknowledged) % 100 == 0:
                await asyncio.sleep(pause)
        await producer.flush()
        for each in acknowledged:
            await each
        await producer.stop()

    async def read(self, topic: str) -> list[ConsumerRecord]:
        """All records of a topic, up to its end now."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.place.kafka, auto_offset_reset="earliest", fetch_max_wait_ms=20)
        await consumer.start()
        counts = await consumer.topics()
        assert topic in counts, topic
        partitions = [TopicPartition(topic, number) for number in range(self.partitions if topic != "care.dead" else 1)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        records: list[ConsumerRecord] = []
        while any([await consumer.position(each) < ends[each] for each in partitions]):
            for some in (await consumer.getmany(timeout_ms=200)).values():
                records += some
        await consumer.stop()
        return records

    async def counts(self) -> dict[bytes, int]:
        """What the changelog says of each customer: the state that a worker would recover."""
        records = await self.read(f"{self.place.group}-state-changelog")
        return {record.key[1:]: int(record.value) for record in sorted(records, key=lambda each: (each.partition, each.offset)) if record.key[:1] == b"c"}

    async def outputs(self) -> list[str]:
        return [record.value.decode() for record in await self.read(OUTREACH.name)]

    async def timers(self, count: int) -> list[ConsumerRecord]:
        """Waits until so many timers have fired."""
        start = time.monotonic()
        while len(fired := [each for each in await self.read(OUTREACH.name) if each.value.startswith(b"timer:")]) < count:
            assert time.monotonic() - start < PATIENCE, f"{len(fired)} of {count} timers fired"
        return fired

    async def all_decided(self, within: float = PATIENCE) -> float:
        """Waits until the state knows of every event, and gives the seconds that took."""
        start = time.monotonic()
        while (counts := await self.counts()) != dict(+self.sent):
            assert time.monotonic() - start < within, f"{sum(counts.values())} of {self.sent.total()} decided"
        return time.monotonic() - start

    async def assert_each_decided_once(self) -> None:
        """Every event has its output, and however often it was produced, always the same one."""
        decided = {output for output in await self.outputs() if not output.startswith("timer:")}
        assert {output.split(":")[0] for output in decided} == self.ids
        assert len(decided) == len(self.ids)
