"""Looks from outside whether the courier still moves: how far behind it is, whether the broker answers, whether it has stalled."""

import asyncio
import logging
import time
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import IllegalStateError, KafkaError
from prometheus_client import Gauge

from outreach.delivery.intake import Intake

log = logging.getLogger(__name__)

EVERY_SECONDS = 5.0
_ANSWER_SECONDS = 10
STALL_SECONDS = 120.0


class Stalled(RuntimeError):
    """Commands wait on the broker, nothing is in flight and none arrives: only a new process helps."""


@dataclass(slots=True)
class Watch:
    """Asks the broker now and then; `reachable` is its last answer."""

    consumer: AIOKafkaConsumer
    intake: Intake
    lag: Gauge
    reachable: bool = False
    _taken: int = -1
    _moved: float = 0.0

    async def run(self) -> None:
        """Until cancelled; raises Stalled, with which the process shall end."""
        while True:
            await self._look()
            await asyncio.sleep(EVERY_SECONDS)

    async def _look(self) -> None:
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                behind = await self._behind()
        except (KafkaError, IllegalStateError, TimeoutError) as error:
            log.warning("broker: expected the topic's end, got %s", type(error).__name__)
            self.reachable = False
            return
        self.reachable = True
        self.lag.set(behind)
        self._judge(behind)

    async def _behind(self) -> int:
        ours = self.consumer.assignment()
        ends = await self.consumer.end_offsets(ours)
        return sum([max(0, end - await self.consumer.position(partition)) for partition, end in ends.items()])

    def _judge(self, behind: int) -> None:
        if not behind or self.intake.in_flight or self.intake.taken != self._taken:
            self._taken, self._moved = self.intake.taken, time.monotonic()
        elif time.monotonic() - self._moved > STALL_SECONDS:
            raise Stalled(f"{behind} commands wait and none arrived for {STALL_SECONDS:.0f} s")
