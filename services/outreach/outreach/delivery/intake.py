"""Commands from care.outreach: so many at once, and only contiguous finished offsets of partitions that are ours are committed."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

from outreach.delivery.faults import Point, reached
from outreach.delivery.offsets import Offsets, Receipt

log = logging.getLogger(__name__)

COMMIT_SECONDS = 0.5
DRAIN_SECONDS = 4
_POLL_MS = 200

Work = Callable[[Any, Callable[[], bool]], Awaitable[bool]]


class Intake(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka has no types
    """Takes records from one consumer and has at most `limit` of them worked on at once.

    `work(record, wanted)` returns True when nothing is left to do for a record, False when it let it go.
    """

    def __init__(self, consumer: AIOKafkaConsumer, work: Work, limit: int) -> None:
        self._consumer = consumer
        self._work = work
        self._limit = limit
        self._offsets = Offsets()
        self._tasks: dict[asyncio.Task[None], Receipt] = {}
        self._room = asyncio.Event()
        self._committed: dict[TopicPartition, int] = {}
        self._next_commit = 0.0
        self.taken = 0

    async def run(self, ending: asyncio.Event) -> None:
        """Works until `ending` is set, then lets go what has not begun and finishes the rest; raises what `work` raises."""
        try:
            async with asyncio.TaskGroup() as group:
                while not ending.is_set():
                    await self._take(group)
                    await self._commit_now_and_then()
                self._leave(self._consumer.assignment())
        finally:
            await self._commit()

    @property
    def in_flight(self) -> int:
        """Records being worked on."""
        return len(self._tasks)

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Nothing new begins; what is under way gets a moment to finish; what is contiguous is committed; the rest is forgotten."""
        gone = set(revoked)
        self._leave(gone)
        if under_way := [task for task, receipt in self._tasks.items() if receipt.partition in gone]:
            await asyncio.wait(under_way, timeout=DRAIN_SECONDS)
        await self._commit()
        for partition in gone:
            self._offsets.revoke(partition)
            self._committed.pop(partition, None)

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """These partitions are ours from now on."""
        for partition in assigned:
            self._offsets.assign(partition)

    def _leave(self, partitions: Iterable[TopicPartition]) -> None:
        for partition in partitions:
            self._offsets.leave(partition)

    async def _take(self, group: asyncio.TaskGroup) -> None:
        """Between the broker's answer and the beginning of the work nothing is awaited, so that no rebalance comes between."""
        room = self._limit - len(self._tasks)
        if room <= 0:
            await self._wait_for_room()
            return
        for partition, records in (await self._poll(room)).items():
            if not self._offsets.owns(partition):
                self._give_back(partition, records)
            for record in records:
                if receipt := self._offsets.received(partition, record.offset):
                    self._begin(group, record, receipt)

    async def _poll(self, room: int) -> dict[TopicPartition, list[Any]]:
        try:
            records: dict[TopicPartition, list[Any]] = await self._consumer.getmany(timeout_ms=_POLL_MS, max_records=room)
        except KafkaError as error:
            log.warning("care.outreach: expected records, got %s", type(error).__name__)
            await asyncio.sleep(1)
            return {}
        return records

    def _give_back(self, partition: TopicPartition, records: list[Any]) -> None:
        """Records can come a moment before we are told that their partition is ours, or after it is no longer: they will come again, to its owner."""
        try:
            self._consumer.seek(partition, records[0].offset)
        except IllegalStateError:
            log.debug("%s is not ours any more", partition)

    def _begin(self, group: asyncio.TaskGroup, record: Any, receipt: Receipt) -> None:
        self.taken += 1
        task = group.create_task(self._one(record, receipt))
        self._tasks[task] = receipt
        task.add_done_callback(self._done)

    async def _wait_for_room(self) -> None:
        self._room.clear()
        try:
            await asyncio.wait_for(self._room.wait(), COMMIT_SECONDS)
        except TimeoutError:
            log.debug("still %d commands in flight", len(self._tasks))

    async def _one(self, record: Any, receipt: Receipt) -> None:
        if await self._work(record, lambda: self._offsets.wanted(receipt)):
            self._offsets.finished(receipt)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.pop(task, None)
        self._room.set()

    async def _commit_now_and_then(self) -> None:
        if time.monotonic() >= self._next_commit:
            self._next_commit = time.monotonic() + COMMIT_SECONDS
            await self._commit()

    async def _commit(self) -> None:
        """A commit that fails is only a repetition later: the ledger knows what is done."""
        fresh = {partition: offset for partition, offset in self._offsets.committable().items() if self._committed.get(partition) != offset}
        if not fresh:
            return
        reached(Point.BEFORE_COMMIT)
        try:
            await self._consumer.commit(fresh)
        except (KafkaError, IllegalStateError) as error:
            log.warning("commit of %d partitions: expected an acknowledgement, got %s", len(fresh), type(error).__name__)
        else:
            self._committed.update(fresh)
