"""Commands from the topic: bounded, committed only as far as everything is finished, through rebalances."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError
from outreach.delivery.intake import Intake

from tests.waiting import until

P = TopicPartition("care.outreach", 0)


@dataclass(frozen=True)
class Record:
    offset: int


@dataclass
class FakeConsumer:
    """A partition with records up to `end`, from which the position can be set back."""

    end: int = 0
    position: int = 0
    polls: int = 0
    assigned: set[TopicPartition] = field(default_factory=set)
    commits: list[int] = field(default_factory=list)
    refuse: bool = False

    def assignment(self) -> set[TopicPartition]:
        return self.assigned

    async def getmany(self, timeout_ms: int, max_records: int) -> dict[TopicPartition, list[Record]]:
        self.polls += 1
        await asyncio.sleep(min(timeout_ms, 1) / 1000)
        first, self.position = self.position, min(self.end, self.position + max_records)
        return {P: [Record(offset) for offset in range(first, self.position)]} if self.position > first else {}

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        if self.refuse:
            raise CommitFailedError
        self.commits.append(offsets[P])

    def seek(self, partition: TopicPartition, offset: int) -> None:
        if partition not in self.assigned:
            raise IllegalStateError
        self.position = offset


@dataclass
class Work:
    """Lets a test decide when which record is finished, or let go once it is not wanted any more."""

    let_go: set[int] = field(default_factory=set)
    wanted: dict[int, Callable[[], bool]] = field(default_factory=dict)
    begun: dict[int, asyncio.Event] = field(default_factory=dict)
    more: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, record: Any, wanted: Callable[[], bool]) -> bool:
        self.wanted[record.offset] = wanted
        self.begun[record.offset] = asyncio.Event()
        self.more.set()
        await self.begun[record.offset].wait()
        return wanted() or record.offset not in self.let_go

    def finish(self, *offsets: int) -> None:
        for offset in offsets:
            self.begun[offset].set()

    async def until(self, count: int) -> None:
        while len(self.begun) < count:
            self.more.clear()
            await asyncio.wait_for(self.more.wait(), 10)


async def started(consumer: FakeConsumer, work: Work, limit: int = 10) -> tuple[Intake, asyncio.Task[None], asyncio.Event]:
    intake, ending = Intake(consumer, work, limit), asyncio.Event()
    consumer.assigned.add(P)
    await intake.on_partitions_assigned([P])
    return intake, asyncio.create_task(intake.run(ending)), ending


async def test_no_more_than_the_limit_are_in_flight() -> None:
    consumer, work = FakeConsumer(end=100), Work()
    intake, running, ending = await started(consumer, work, limit=3)
    await work.until(3)
    assert (intake.in_flight, consumer.position) == (3, 3)
    work.finish(1)
    await work.until(4)
    assert intake.in_flight == 3
    ending.set()
    work.finish(0, 2, 3)
    await running


async def test_at_the_end_only_what_is_contiguous_is_committed() -> None:
    consumer, work = FakeConsumer(end=4), Work(let_go={2})
    _, running, ending = await started(consumer, work)
    await work.until(4)
    work.finish(0, 1, 3)
    ending.set()
    await until(lambda: not work.wanted[2]())
    work.finish(2)
    await running
    assert consumer.commits[-1] == 2


async def test_a_revoked_partition_finishes_what_it_can_and_lets_the_rest_go() -> None:
    consumer, work = FakeConsumer(end=3), Work(let_go={1})
    intake, running, ending = await started(consumer, work)
    await work.until(3)
    revoking = asyncio.create_task(intake.on_partitions_revoked([P]))
    await asyncio.sleep(0)
    work.finish(0, 1, 2)
    await revoking
    assert consumer.commits == [1], "the second was let go, so that the third counts no more than it"
    ending.set()
    await running
    assert consumer.commits == [1]


async def test_records_that_come_before_the_assignment_is_told_are_not_lost() -> None:
    consumer, work = FakeConsumer(end=2, assigned={P}), Work()
    intake, ending = Intake(consumer, work, 10), asyncio.Event()
    running = asyncio.create_task(intake.run(ending))
    await until(lambda: consumer.polls > 2)
    assert work.begun == {}
    await intake.on_partitions_assigned([P])
    await work.until(2)
    ending.set()
    work.finish(0, 1)
    await running


async def test_a_refused_commit_stops_nothing() -> None:
    consumer, work = FakeConsumer(end=1, refuse=True), Work()
    _, running, ending = await started(consumer, work)
    await work.until(1)
    work.finish(0)
    ending.set()
    await running
    assert consumer.commits == []
