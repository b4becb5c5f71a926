"""Writes to the ledger in groups of whatever is waiting, one group at a time, again and again while the database is away."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from prometheus_client import Histogram
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from outreach.backoff import SERVICE_AWAY, Backoff
from outreach.delivery.claims import Standing
from outreach.delivery.ledger import Ledger, Operation

log = logging.getLogger(__name__)

GROUP = 500
_Waiting = tuple[Operation, "asyncio.Future[Standing]"]


@dataclass(slots=True)
class GroupedWrites:
    """The courier's one writer. `write` returns when the operation is durable; `run` does the work until it is cancelled."""

    ledger: Ledger
    sizes: Histogram
    backoff: Backoff = SERVICE_AWAY
    failures: int = 0
    _waiting: list[_Waiting] = field(default_factory=list)
    _some: asyncio.Event = field(default_factory=asyncio.Event)
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "ledger"))

    @property
    def reachable(self) -> bool:
        """False while the database is away."""
        return self.failures == 0

    async def write(self, operation: Operation) -> Standing:
        """Waits until the operation is committed, however long the database is away."""
        future: asyncio.Future[Standing] = asyncio.get_running_loop().create_future()
        self._waiting.append((operation, future))
        self._some.set()
        return await future

    async def run(self) -> None:
        """Writes groups until cancelled."""
        while True:
            await self._some.wait()
            group, self._waiting = self._waiting[:GROUP], self._waiting[GROUP:]
            if not self._waiting:
                self._some.clear()
            await self._write(group)

    async def _write(self, group: list[_Waiting]) -> None:
        """One group; when the database refuses its content, one by one, so that only the culprit fails."""
        try:
            standings = await self._durably([operation for operation, _ in group])
        except DBAPIError as error:
            if len(group) > 1:
                for one in group:
                    await self._write([one])
            elif not group[0][1].done():
                group[0][1].set_exception(error)
            return
        self.sizes.observe(len(group))
        for (_, future), standing in zip(group, standings, strict=True):
            if not future.done():
                future.set_result(standing)

    async def _durably(self, operations: list[Operation]) -> list[Standing]:
        while True:
            try:
                standings = await asyncio.get_running_loop().run_in_executor(self._thread, self.ledger.apply, operations)
            except (OperationalError, InterfaceError) as error:
                self.failures += 1
                log.warning("ledger: expected a commit, got %s (failure %d in a row)", type(error.orig).__name__, self.failures)
                await self.backoff.pause(self.failures)
            else:
                self.failures = 0
                return standings
