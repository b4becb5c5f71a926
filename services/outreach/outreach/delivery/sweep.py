"""Takes up what the ledger says is due: the next try of what was put off, and what a dead courier left behind."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.exc import InterfaceError, OperationalError

from outreach.delivery.brake import Brake
from outreach.delivery.courier import Courier, NotNow
from outreach.delivery.ledger import Ledger
from outreach.delivery.outcome import State

log = logging.getLogger(__name__)

EVERY_SECONDS = 1.0
AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Sweep:
    """Looks into the ledger again and again; `now` gives real ms since 1970."""

    ledger: Ledger
    courier: Courier
    now: Callable[[], int]
    brake: Brake

    async def run(self, ending: asyncio.Event) -> None:
        """Until `ending` is set."""
        while not ending.is_set():
            if not await self._once(ending):
                await _either(ending, EVERY_SECONDS)

    async def _once(self, ending: asyncio.Event) -> bool:
        """True when there was so much to do that there may be more."""
        try:
            due = await asyncio.to_thread(self.ledger.waking, self.now(), AT_ONCE)
            await asyncio.to_thread(self.brake.look, self.now())
            self._tell()
            self.courier.metrics.in_doubt.set(await asyncio.to_thread(self.ledger.count, State.IN_DOUBT))
        except (OperationalError, InterfaceError) as error:
            log.warning("sweep: expected rows of the ledger, got %s", type(error.orig).__name__)
            return False
        await asyncio.gather(*(self._take_up(command, ending) for command in due))
        return len(due) == AT_ONCE

    def _tell(self) -> None:
        figures, counts = self.courier.metrics, self.brake.counts
        figures.stopped.set(bool(self.brake.stopped))
        figures.bounce_rate.set(counts.bounced / max(1, counts.sent))
        figures.complaint_rate.set(counts.complained / max(1, counts.sent))

    async def _take_up(self, command: bytes, ending: asyncio.Event) -> None:
        with contextlib.suppress(NotNow):
            await self.courier.carry_out(command, lambda: not ending.is_set())


async def _either(ending: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(ending.wait(), seconds)
    except TimeoutError:
        return
