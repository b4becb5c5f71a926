"""Producing with certainty: a write returns when the broker has acknowledged all of it, and waits while the broker is away."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError, KafkaError, KafkaTimeoutError, ProducerClosed
from aiokafka.producer.message_accumulator import BatchBuilder
from care_contracts.clock import MS

from outreach.stream.faults import Point, reached
from outreach.stream.lease import Lease
from outreach.stream.settings import StreamSettings

log = logging.getLogger(__name__)

_LONGEST_PAUSE = 1.0


class Record(NamedTuple):
    """What is produced."""

    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()


class TooLarge(ValueError):
    """A record does not fit into a record batch, or what has to be in one record batch does not."""


@dataclass(frozen=True, slots=True)
class Packed:
    """Records, and the record batches they are in; the broker appends a record batch as a whole or not at all."""

    records: Sequence[Record]
    batches: Sequence[BatchBuilder]


class Writer:
    """One producer for everything the process writes: acks=all, no lingering, whole record batches, nothing without a lease."""

    def __init__(self, settings: StreamSettings, lease: Lease) -> None:
        self._settings = settings
        self._lease = lease
        self._producer: AIOKafkaProducer | None = None
        self.waiting = 0

    async def start(self) -> None:
        """Connects; raises KafkaConnectionError when there is no broker."""
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self._settings.kafka,
            acks="all",
            enable_idempotence=self._settings.idempotence,
            linger_ms=0,
            max_batch_size=self._settings.record_batch_bytes,
            request_timeout_ms=round(self._settings.session_timeout * MS / 2),  # what is sent under a lease arrives within the session
        )
        await self._producer.start()

    async def stop(self) -> None:
        """Disconnects; what is still under way is given up after a moment."""
        if self._producer:
            await self._producer.stop()

    def packed(self, records: Sequence[Record]) -> Packed:
        """The records in as few record batches as they go into; raises TooLarge when one of them fits into none."""
        return Packed(records, self._batches(records))

    async def write(self, topic: str, partition: int, packed: Packed, under_way: Point | None = None) -> int:
        """The offset of the last record, once all are acknowledged; records may appear twice when an acknowledgement was lost.

        `under_way` is how tests call the moment in which it is sent and not acknowledged.
        """
        pause = 0.1
        batches = packed.batches
        while True:
            await self._lease.wait()
            try:
                last = await self._attempt(topic, partition, batches, under_way)
            except KafkaError as error:
                if not _may_pass(error):
                    raise
                log.warning("%s[%d]: not acknowledged (%s), again in %.1f s", topic, partition, type(error).__name__, pause)
            else:
                await self._lease.wait()  # acknowledged without one, it may lie behind what a successor wrote: nothing may be built on it
                return last
            await self._wait(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
            batches = self._batches(packed.records)

    async def _attempt(self, topic: str, partition: int, batches: Sequence[BatchBuilder], under_way: Point | None) -> int:
        sent = [await self._open.send_batch(batch, topic, partition=partition) for batch in batches]
        if under_way:
            reached(under_way, in_flight=True)
        await asyncio.wait(sent)
        for failed in [each.exception() for each in sent if each.exception()]:
            raise failed
        last: int = sent[-1].result().offset + batches[-1].record_count() - 1
        return last

    async def _wait(self, seconds: float) -> None:
        self.waiting += 1
        try:
            await asyncio.sleep(seconds)
        finally:
            self.waiting -= 1

    @property
    def _open(self) -> AIOKafkaProducer:
        if self._producer is None:
            raise RuntimeError("expected a started writer")
        return self._producer

    def _batches(self, records: Iterable[Record]) -> list[BatchBuilder]:
        batches: list[BatchBuilder] = []
        for record in records:
            if not batches or not _appended(batches[-1], record):
                batches.append(self._open.create_batch())
                if not _appended(batches[-1], record):
                    raise TooLarge(f"expected a record of at most {self._settings.record_batch_bytes} bytes, got {len(record.value or b'')} in its value")
        for batch in batches:
            batch.close()
        return batches


def _appended(batch: BatchBuilder, record: Record) -> bool:
    return batch.append(timestamp=None, key=record.key, value=record.value, headers=list(record.headers)) is not None


def _may_pass(error: KafkaError) -> bool:
    return (error.retriable or isinstance(error, KafkaTimeoutError | KafkaConnectionError)) and not isinstance(error, ProducerClosed)
