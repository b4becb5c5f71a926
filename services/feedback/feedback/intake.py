"""Reads care.outreach into the database: every replica reads every partition from the group's committed offsets, because the rows are idempotent.

Nobody joins the group, so that nothing is rebalanced and a restart reads on at once; offsets are committed after their rows.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from care_contracts.identity import command_id_bytes
from care_contracts.topics import DEAD, OUTREACH
from care_contracts.wire import decode_command
from sqlalchemy.exc import SQLAlchemyError

from feedback.asked import Asked, asked_by, remember
from feedback.database import Database
from feedback.metrics import Metrics
from feedback.outbox import NotConfirmed
from feedback.patience import Patience
from feedback.publishing import KafkaPublisher

log = logging.getLogger(__name__)

GROUP = "feedback"
LOOK_S = 5.0
_ANSWER_S = 5.0
_AWAY = (KafkaError, OSError, TimeoutError)


class NoTopic(KafkaError):  # type: ignore[misc]  # aiokafka has no types
    """The topic has not been created yet."""


class Stuck(KafkaError):  # type: ignore[misc]  # aiokafka has no types
    """There are records, but the consumer gives none."""


@dataclass
class Intake:
    """Runs for ever; `reading` says whether the broker answers and its records arrive in the database."""

    kafka: str
    database: Database
    broker: KafkaPublisher
    metrics: Metrics
    reading: bool = False

    async def reads(self) -> bool:
        """The same as a check."""
        return self.reading

    async def run(self) -> None:
        """Reads, and begins again with what is not committed whenever the broker was away."""
        patience = Patience()
        while True:
            try:
                async with _consumer(self.kafka) as consumer:
                    await self._read(consumer, patience)
            except _AWAY as error:
                log.warning("%s cannot be read: %s", OUTREACH.name, error)
            finally:
                self.reading = False
            await patience.pause()

    async def _read(self, consumer: AIOKafkaConsumer, patience: Patience) -> None:
        partitions = [TopicPartition(OUTREACH.name, number) for number in range(await self._partitions())]
        consumer.assign(partitions)
        looked, lag, taken = -LOOK_S, 0, 0
        while True:
            if time.monotonic() - looked >= LOOK_S:
                lag_before, lag = lag, await self._look(consumer, partitions)
                if lag_before and lag and not taken:
                    raise Stuck(f"expected some of {lag} records within {LOOK_S:g} s, got none")
                looked, taken = time.monotonic(), 0
                patience.worked()
            fetched = await consumer.getmany(timeout_ms=1000, max_records=500)
            if records := [record for batch in fetched.values() for record in batch]:
                await self._take(records)
                await consumer.commit()
                taken += len(records)

    async def _look(self, consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition]) -> int:
        """How many records are still to be read. Its asking shows a broker's absence, which aiokafka otherwise only logs."""
        async with asyncio.timeout(_ANSWER_S):
            ends = await consumer.end_offsets(partitions)
            lag: int = sum([end - await consumer.position(partition) for partition, end in ends.items()])
        self.metrics.lag.set(lag)
        if len(partitions) != await self._partitions():
            raise NoTopic(f"expected the {len(partitions)} partitions of before, got another number")
        self.reading = True
        return lag

    async def _partitions(self) -> int:
        """How many there are; raises NoTopic before aiokafka asks for the topic by name, which would make some brokers create it."""
        if count := await self.broker.partitions(OUTREACH.name):
            return count
        raise NoTopic("expected the topic to have been created, got none")

    async def _take(self, records: Sequence[ConsumerRecord]) -> None:
        """Brings records into the database (unreadable ones to care.dead), however long that takes."""
        patience = Patience()
        while True:
            try:
                letters = [letter for record in records if (letter := await self._letter(record))]
                await self.database.transact(partial(remember, letters=letters))
                self.metrics.letters.inc(len(letters))
                return
            except (SQLAlchemyError, NotConfirmed) as error:
                self.reading = False
                log.warning("%d records wait: %s", len(records), type(error).__name__)
                await patience.pause()

    async def _letter(self, record: ConsumerRecord) -> Asked | None:
        try:
            command = decode_command(record.value)
            command_id_bytes(str(command.command_id))
        except ValueError as error:
            await self._bury(record, error)
            return None
        return asked_by(command)

    async def _bury(self, record: ConsumerRecord, error: ValueError) -> None:
        place = {"care-topic": record.topic, "care-partition": str(record.partition), "care-offset": str(record.offset), "care-why": str(error)}
        headers = [*record.headers, *((name, text.encode()) for name, text in place.items())]
        await self.broker.publish(DEAD.name, record.key, record.value, headers)
        self.metrics.dead.inc()


@asynccontextmanager
async def _consumer(kafka: str) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka,
        group_id=GROUP,
        client_id=GROUP,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=200,  # the embedded broker answers an empty fetch only after half of this
    )
    try:
        await consumer.start()
        yield consumer
    finally:
        await _stop(consumer)


async def _stop(consumer: AIOKafkaConsumer) -> None:
    """Stops it: aiokafka 0.14 lets the cancellation of a fetch that waits for its next try out of `stop`, which would end `run` for good."""
    stopping = asyncio.create_task(consumer.stop())
    await asyncio.gather(stopping, return_exceptions=True)
    if stopping.cancelled():
        await consumer._client.close()  # noqa: SLF001 - what `stop` did not come to
