"""When the world does what: deeds at moments of the common clock, those about one customer never at once and always in order."""

import asyncio
import heapq
from collections.abc import Awaitable, Callable
from itertools import count
from zlib import crc32

from care_contracts.clock import Clock

Deed = Callable[[], Awaitable[None]]
LANES = 12
LOOK_S = 0.05  # an agenda that slept longer would miss deeds that are added meanwhile


class Agenda:
    """`run` does what was planned with `at` and what deeds plan in their turn."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._order = count()
        self._heap: list[tuple[int, int, str, Deed]] = []
        self._lanes: list[asyncio.Queue[Deed]] = [asyncio.Queue() for _ in range(LANES)]

    def at(self, moment: int, about: str, deed: Deed) -> None:
        """Plans a deed about a customer for `moment` (ms since 1970)."""
        heapq.heappush(self._heap, (moment, next(self._order), about, deed))

    def planned(self) -> int:
        """How many deeds are still to be done."""
        return len(self._heap) + sum(lane.qsize() for lane in self._lanes)

    async def run(self, until: int) -> None:
        """Does everything that is due up to `until`, then waits for the last deeds to be done; whatever a deed raises ends it."""
        async with asyncio.TaskGroup() as tasks:
            workers = [tasks.create_task(self._work(lane)) for lane in self._lanes]
            while self.clock.now() < until:
                self._release(self.clock.now())
                await asyncio.sleep(min(LOOK_S, self.clock.seconds_until(until)))
            self._release(until)
            for lane in self._lanes:
                await lane.join()
            for worker in workers:
                worker.cancel()

    def _release(self, now: int) -> None:
        while self._heap and self._heap[0][0] <= now:
            _, _, about, deed = heapq.heappop(self._heap)
            self._lanes[crc32(about.encode()) % LANES].put_nowait(deed)

    @staticmethod
    async def _work(lane: asyncio.Queue[Deed]) -> None:
        while True:
            deed = await lane.get()
            await deed()
            lane.task_done()
