"""The courier's place in its consumer group: connects, hands records to the courier, buries what cannot be worked off."""

import asyncio
import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from care_contracts.topics import OUTREACH
from care_contracts.wire import Unreadable

from outreach.consuming import Watch, group_member, started
from outreach.delivery.courier import Courier, NotNow
from outreach.delivery.faults import Point, reached
from outreach.delivery.intake import Intake
from outreach.delivery.publisher import Publisher

log = logging.getLogger(__name__)

GROUP = "careloop-courier"
DEAD_IN_A_ROW = 20
FETCH_WAIT_MS = 50  # the embedded broker answers an empty fetch only after half of this; Apache Kafka answers at once when something comes


class TooManyDead(RuntimeError):
    """So many commands in a row cannot be worked off that the code is suspected, not the commands."""


@dataclass(slots=True)
class Listening:
    """One consumer for as long as the process lives; under the same `instance` a restart takes the dead one's place at once (KIP-345)."""

    servers: str
    limit: int
    courier: Courier
    publisher: Publisher
    instance: str = ""
    watch: Watch | None = None
    _dead_in_a_row: int = field(default=0)

    @property
    def reachable(self) -> bool:
        """False while the broker does not answer."""
        return self.watch is not None and self.watch.reachable

    async def run(self, ending: asyncio.Event) -> None:
        """Until `ending` is set and what was in flight is finished; raises TooManyDead or Stalled."""
        listener = group_member(self.servers, GROUP, self.instance, "careloop-courier", fetch_max_wait_ms=FETCH_WAIT_MS)
        intake = Intake(listener, self._work, self.limit)
        listener.subscribe([OUTREACH.name], listener=intake)
        try:
            await started(listener, ending)
            self.watch = Watch(listener, intake, self.courier.metrics.lag)
            async with asyncio.TaskGroup() as group:
                watching = group.create_task(self.watch.run())
                await intake.run(ending)
                watching.cancel()
        finally:
            await listener.stop()

    async def _work(self, record: Any, wanted: Callable[[], bool]) -> bool:
        reached(Point.AFTER_POLL)
        try:
            await self.courier.carry_out(record.value, wanted, record.timestamp)
        except NotNow:
            return False
        except Unreadable as error:
            await self._bury(record, str(error))
        except Exception as error:  # noqa: BLE001 - DESIGN.md section 8: a failing command goes to care.dead, too many of them end the process
            # Only the type and the place: an error's own words may hold what customers wrote.
            place = traceback.extract_tb(error.__traceback__)[-1]
            log.error("care.outreach[%d] offset %d: %s at %s:%s", record.partition, record.offset, type(error).__name__, place.filename, place.lineno)  # noqa: TRY400 - see above
            await self._bury(record, f"failed: {type(error).__name__}")
        else:
            self._dead_in_a_row = 0
        return True

    async def _bury(self, record: Any, why: str) -> None:
        self._dead_in_a_row += 1
        if self._dead_in_a_row >= DEAD_IN_A_ROW:
            raise TooManyDead(f"{record.topic}[{record.partition}] up to offset {record.offset}: {self._dead_in_a_row} commands in a row cannot be worked off")
        origin = {"care-topic": record.topic, "care-partition": str(record.partition), "care-offset": str(record.offset), "care-why": why}
        await self.publisher.bury(record.key, record.value, (*record.headers, *((name, text.encode()) for name, text in origin.items())))
        self.courier.metrics.dead.inc()
