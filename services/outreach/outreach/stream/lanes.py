"""All lanes of a process: one worker for each owned partition, between taking it over and giving it up."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from care_contracts.topics import EVENTS, TICKS

from outreach.stream.batch import Raw
from outreach.stream.ends import Source
from outreach.stream.flush import Flush
from outreach.stream.lane import Lane
from outreach.stream.lease import Lease
from outreach.stream.settings import StreamSettings
from outreach.stream.store import Store

SOURCES = (EVENTS.name, TICKS.name)


class GivenUpTooLate(RuntimeError):
    """A batch was still under way when its partition had to be given up; going on would write beside the next owner."""


@dataclass(slots=True)
class Running:
    """An owned partition: its queue, its database and the task that works it off. `steps` counts the pieces of work done."""

    lane: Lane
    store: Store
    wake: asyncio.Event
    worker: asyncio.Task[None] | None = None
    full: bool = False
    steps: int = 0


class Lanes:
    """`failure` is done as soon as any worker fails: nothing may be acknowledged any more, the process has to end."""

    def __init__(self, settings: StreamSettings, flush: Flush, lease: Lease) -> None:
        self._settings = settings
        self.lease = lease
        self._flush = flush
        self._running: dict[int, Running] = {}
        self._given_up: dict[Source, int] = {}
        self._ending = False
        self.failure: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()
        self.on_full: Callable[[Source], None] = lambda _: None
        self.on_room: Callable[[Source], None] = lambda _: None

    @property
    def running(self) -> Mapping[int, Running]:
        """The owned partitions."""
        return self._running

    def start(self, stores: Mapping[int, Store], starts: Mapping[Source, int]) -> None:
        """Takes partitions over; their records will come from these offsets on."""
        self._ending = False
        self._given_up.clear()
        for partition, store in stores.items():
            marker = replace(store.marker(), events=starts[EVENTS.name, partition], ticks=starts[TICKS.name, partition])
            lane = Lane(partition, marker, self._settings.batch_records, self._settings.batch_bytes)
            running = self._running[partition] = Running(lane, store, asyncio.Event())
            running.worker = asyncio.create_task(self._work(running), name=f"lane {partition}")

    async def finish(self, seconds: float) -> None:
        """Gives all partitions up, after the batches under way; raises GivenUpTooLate when they take longer than that.

        What they have worked off can be committed until `forget` or `start`. Without a lease they are somebody else's
        already: what is under way is dropped, and nothing can be committed.
        """
        if not self.lease.held():
            self.abandon()
            return
        self._ending = True
        workers = [running.worker for running in self._running.values() if running.worker]
        for running in self._running.values():
            running.wake.set()
        if workers:
            _, late = await asyncio.wait(workers, timeout=seconds)
            if late:
                self.abandon()
                raise GivenUpTooLate(f"{len(late)} partitions: expected their batches to end within {seconds:.1f} s")
        self._given_up = self.worked_off()
        self._running.clear()

    def abandon(self) -> None:
        """Gives all partitions up at once; what is under way comes again."""
        for running in self._running.values():
            if running.worker:
                running.worker.cancel()
        self._running.clear()

    def deliver(self, source: Source, records: Sequence[Raw]) -> None:
        """Fetched records, in offset order and without holes."""
        topic, partition = source
        running = self._running[partition]
        (running.lane.events if topic == EVENTS.name else running.lane.ticks)(records)
        running.wake.set()
        if not running.full and self._waiting() > self._settings.queue_records and running.lane.waiting > self._share():
            running.full = True
            self.on_full((EVENTS.name, partition))

    def forget(self) -> None:
        """Nothing of what was given up may be committed any more: it may belong to somebody else."""
        self._given_up.clear()

    def worked_off(self) -> dict[Source, int]:
        """For each source partition the offset that may be committed."""
        markers = {partition: running.lane.marker for partition, running in self._running.items()}
        events = {(EVENTS.name, partition): marker.events for partition, marker in markers.items()}
        ticks = {(TICKS.name, partition): marker.ticks for partition, marker in markers.items()}
        return self._given_up | events | ticks

    async def _work(self, running: Running) -> None:
        try:
            while not self._ending:
                await self._step(running)
        except Exception as error:  # noqa: BLE001 the one place where broken code is turned into the end of the process
            if not self.failure.done():
                self.failure.set_result(error)

    async def _step(self, running: Running) -> None:
        work = running.lane.next()
        if work is None:
            running.wake.clear()
            await running.wake.wait()
            return
        await self._flush.work_off(running.lane, running.store, work)
        running.steps += 1
        if running.full and (running.lane.waiting <= self._share() // 2 or self._waiting() <= self._settings.queue_records // 2):
            running.full = False
            self.on_room((EVENTS.name, running.lane.partition))
        await asyncio.sleep(0)

    def _waiting(self) -> int:
        return sum(running.lane.waiting for running in self._running.values())

    def _share(self) -> int:
        return self._settings.queue_records // len(self._running)
