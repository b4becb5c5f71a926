"""The way to the broker: connects in the background, confirms only what every in-sync replica has acknowledged."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Protocol

import stamina
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from care_contracts.topics import EVENTS, INVALID

log = structlog.get_logger()

LOOK_EVERY_S = 2.0
ASIDE_AT_ONCE = 100


class Unconfirmed(Exception):
    """The broker did not acknowledge in time, or is not there; the records may or may not be stored."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record: the customer's id and an encoded event."""

    key: bytes
    value: bytes


class Publisher(Protocol):
    """What the endpoint needs of the way to the broker."""

    @property
    def ready(self) -> bool:
        """Whether the broker was there a moment ago."""

    async def publish(self, records: Sequence[Record]) -> None:
        """Returns when all records are acknowledged; raises Unconfirmed."""

    def set_aside(self, record: Record) -> None:
        """Keeps an invalid payload for whoever mends the sender, if that is easily possible."""


@dataclass(frozen=True)
class Broker:
    """Where the broker is and how long to wait for it (seconds); `in_flight` is how many events may wait at once."""

    servers: str
    timeout: float = 5.0
    in_flight: int = 5000
    idempotence: bool = False


class KafkaPublisher:
    """A Publisher on aiokafka. The process lives on without a broker, and connects when it comes (back)."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._producer: AIOKafkaProducer | None = None
        self._waiting = 0
        self._aside: set[asyncio.Task[None]] = set()
        self._reachable = False

    @property
    def ready(self) -> bool:
        """Whether the broker answered at the last look, and has the topic of the events."""
        return self._reachable

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """Connects in the background; at the end sends what is waiting, then disconnects."""
        connecting = asyncio.create_task(self._keep_connected())
        yield
        connecting.cancel()
        with suppress(asyncio.CancelledError):
            await connecting
        await self._close()

    async def publish(self, records: Sequence[Record]) -> None:
        """Sends all records and waits for every acknowledgement; raises Unconfirmed."""
        if self._waiting + len(records) > self._broker.in_flight:
            raise Unconfirmed("too many events are waiting for the broker")
        if self._producer is None:
            raise Unconfirmed("the broker is not connected")
        if not _knows(self._producer, EVENTS.name):
            raise Unconfirmed(f"the broker has no topic {EVENTS.name}")
        self._waiting += len(records)
        try:
            async with asyncio.timeout(self._broker.timeout):
                await _acknowledged(self._producer, EVENTS.name, records)
        except (KafkaError, TimeoutError) as error:
            raise Unconfirmed(f"the broker did not acknowledge: {type(error).__name__}") from error
        finally:
            self._waiting -= len(records)

    def set_aside(self, record: Record) -> None:
        """Sends to the topic of invalid payloads without waiting; gives up when many wait already."""
        if self._producer is None or not _knows(self._producer, INVALID.name) or len(self._aside) >= ASIDE_AT_ONCE:
            return
        task = asyncio.create_task(self._send_aside(self._producer, record))
        self._aside.add(task)
        task.add_done_callback(self._aside.discard)

    async def _keep_connected(self) -> None:
        """For as long as the process runs: connects, watches, connects anew when the producer has died."""
        while True:
            self._producer = await self._connected()
            log.info("broker connected")
            await self._watch(self._producer)
            log.warning("producer died, connecting anew")
            producer, self._producer = self._producer, None
            await producer.stop()

    async def _connected(self) -> AIOKafkaProducer:
        """A started producer, after as many attempts as it takes."""
        attempts = stamina.retry_context(on=(KafkaError, OSError), attempts=None, timeout=None, wait_initial=0.1, wait_max=3.0)
        async for attempt in attempts:
            with attempt:
                return await self._started()
        raise AssertionError("the attempts never end")

    async def _started(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            bootstrap_servers=self._broker.servers,
            client_id="careloop-ingest",
            acks="all",
            enable_idempotence=self._broker.idempotence,
            request_timeout_ms=round(self._broker.timeout * 1000),
            max_batch_size=131_072,
        )
        try:
            await producer.start()
        except BaseException:
            await producer.stop()
            raise
        return producer

    async def _watch(self, producer: AIOKafkaProducer) -> None:
        """Looks every two seconds whether the broker answers and knows the topic; returns when the producer has died."""
        while not producer._sender.sender_task.done():  # noqa: SLF001 # aiokafka does not say in public that its sender has died
            self._reachable = await self._answers(producer)
            await asyncio.sleep(LOOK_EVERY_S if self._reachable else LOOK_EVERY_S / 10)
        self._reachable = False

    async def _answers(self, producer: AIOKafkaProducer) -> bool:
        try:
            async with asyncio.timeout(self._broker.timeout):
                updated = await producer.client.force_metadata_update()
        except TimeoutError:
            return False
        return bool(updated and _knows(producer, EVENTS.name))

    async def _close(self) -> None:
        """Waits no longer than for a delivery."""
        if self._producer is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._broker.timeout):
                    await asyncio.gather(*self._aside)
                    await self._producer.stop()

    async def _send_aside(self, producer: AIOKafkaProducer, record: Record) -> None:
        try:
            async with asyncio.timeout(self._broker.timeout):
                await _acknowledged(producer, INVALID.name, [record])
        except (KafkaError, TimeoutError) as error:
            log.warning("invalid payload not kept", error=type(error).__name__)


def _knows(producer: AIOKafkaProducer, topic: str) -> bool:
    """Whether the topic exists and can be written to. Asking the broker for a missing topic by name could create it with too few partitions."""
    return bool(producer.client.cluster.available_partitions_for_topic(topic))


async def _acknowledged(producer: AIOKafkaProducer, topic: str, records: Sequence[Record]) -> None:
    """Sends in order, then waits for all; whoever stops waiting leaves no future behind that nobody looks at."""
    futures: list[asyncio.Future[object]] = []
    try:
        for record in records:
            futures.append(await producer.send(topic, record.value, record.key))  # noqa: PERF401 # those already sent are needed when one fails
        await asyncio.gather(*futures)
    finally:
        for future in futures:
            future.cancel()
