"""How long it takes from an event's append to care.events to its command's append to care.outreach, at a steady pace of life."""

import asyncio
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from aiokafka import AIOKafkaConsumer, TopicPartition
from care_contracts.clock import Clock
from care_contracts.records import Event
from care_contracts.topics import DEFAULT_PARTITIONS, EVENTS, OUTREACH, Topic
from care_contracts.wire import encode_event

from deploy.bench.decide.ground import Ground, producer
from deploy.bench.decide.meter import Told
from deploy.bench.decide.rows import Figures, NotMeasured, command, environment
from deploy.embedded.latency import share
from deploy.embedded.log import partitions_of, reader
from deploy.embedded.ports import free_port
from deploy.embedded.program import NotReady, Program, until_ready

PER_S = 500
WARM_S = 4
SECONDS = 20
ANSWERED = 5  # every fifth event is an unhappy review, for which the shipped playbook asks a person at once
READY_S = 60.0
PATIENCE_S = 30.0
RUN = "bench-live"
COUNT = PER_S * (WARM_S + SECONDS)
AWAITED = PER_S * SECONDS // ANSWERED

Marks = Mapping[TopicPartition, int]


async def delay(ground: Ground, folder: Path) -> Figures:
    """p50_ms and p99_ms over the events after the warm-up that lead to a command; raises NotMeasured when one lacks its command."""
    marks = await _begin_at_the_end(ground.kafka)
    with _deciding(ground, folder) as (program, log):
        try:
            await until_ready(program, log, READY_S)
        except NotReady as error:
            raise NotMeasured(str(error)) from error
        await _live(ground.kafka)
        return await _figures(ground.kafka, marks)


@contextmanager
def _deciding(ground: Ground, folder: Path) -> Iterator[tuple[Program, Path]]:
    """The decider of the shipped playbook in the time of life, and its log."""
    port, log = free_port(), folder / f"{RUN}.log"
    told = Told(ground.kafka, RUN, str(folder / RUN), ground.core, 0, 0, DEFAULT_PARTITIONS, ops_port=port, **ground.told)
    argv = command("deploy.bench.decide.ours", told, "live")
    with log.open("wb") as output:
        process = subprocess.Popen(argv, stdout=output, stderr=output, env=environment())
    try:
        yield Program(RUN, argv, ready=f"http://127.0.0.1:{port}/readyz"), log
    finally:
        process.kill()
        process.wait()


async def _begin_at_the_end(kafka: str) -> Marks:
    """The log that lies there is nobody's life today: the group has it behind itself. Gives where both topics end."""
    events = partitions_of([EVENTS], DEFAULT_PARTITIONS)
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, group_id=RUN, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign(events)
        await consumer.commit(await consumer.end_offsets(events))
        ends: Marks = await consumer.end_offsets(partitions_of([EVENTS, OUTREACH], DEFAULT_PARTITIONS))
        return ends
    finally:
        await consumer.stop()


async def _live(kafka: str) -> None:
    """Events at their moments, each sent at once."""
    async with producer(kafka, linger_ms=0) as sending:
        began = time.monotonic()
        for number in range(COUNT):
            await asyncio.sleep(max(0.0, began + number / PER_S - time.monotonic()))
            event = happening(number, Clock().now())
            await sending.send(EVENTS.name, encode_event(event), key=event.customer_id.encode())


def happening(number: int, now: int) -> Event:
    """A parcel on its way, or an unhappy review; each of another customer."""
    unhappy = number % ANSWERED == 0
    kind, data = ("review.posted", {"review_id": f"review-{number}", "rating": 1}) if unhappy else ("order.shipped", {"order_id": f"order-{number}"})
    return Event(f"live-{number}", "bench", kind, _who(number), now, now, data)


def _who(number: int) -> str:
    return f"live-{number}"


async def _figures(kafka: str, marks: Marks) -> Figures:
    asked = await _moments(kafka, EVENTS, marks)
    until = time.monotonic() + PATIENCE_S
    while True:
        took = differences(asked, await _moments(kafka, OUTREACH, marks))
        if len(took) == AWAITED:
            return {"p50_ms": share(took, 0.5), "p99_ms": share(took, 0.99)}
        if time.monotonic() > until:
            raise NotMeasured(f"latency: {len(took)} of {AWAITED} events led to a command within {PATIENCE_S:g} s")


def differences(asked: Mapping[bytes, int], answered: Mapping[bytes, int]) -> list[float]:
    """Milliseconds for each customer whose review came after the warm-up, sorted; who has no command yet is left out."""
    customers = [_who(number).encode() for number in range(0, COUNT, ANSWERED) if number >= WARM_S * PER_S]
    return sorted(float(answered[customer] - asked[customer]) for customer in customers if customer in answered)


async def _moments(kafka: str, topic: Topic, marks: Marks) -> dict[bytes, int]:
    """When the broker appended each customer's first record of those after the marks, in ms since 1970."""
    partitions = partitions_of([topic], DEFAULT_PARTITIONS)
    found: dict[bytes, int] = {}
    async with reader(kafka, partitions) as consumer:
        ends = await consumer.end_offsets(partitions)
        for partition in partitions:
            consumer.seek(partition, marks[partition])
        for partition in partitions:
            while await consumer.position(partition) < ends[partition]:
                for record in (await consumer.getmany(partition, timeout_ms=1000)).get(partition, []):
                    found.setdefault(record.key, record.timestamp)
    return found
