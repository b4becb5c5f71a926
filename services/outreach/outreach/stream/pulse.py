"""Liveness: a process that has something to do and does not get on is stalled and must end, unless it is the broker that is away."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass

from aiokafka.errors import KafkaError

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Pulse:
    """Notes when progress was last seen; times are monotonic seconds."""

    stall_timeout: float
    since: float
    progress: Hashable = None

    def beat(self, now: float, progress: Hashable, *, idle: bool) -> bool:
        """False when nothing has moved for longer than the stall timeout although there was something to do."""
        if idle or progress != self.progress:
            self.progress = progress
            self.since = now
        return now - self.since <= self.stall_timeout


class Stalled(RuntimeError):
    """The process makes no progress although the broker answers and there is lag."""


async def watch(pulse: Pulse, progress: Callable[[], Hashable], lag: Callable[[], Awaitable[int]], interval: float = 1.0) -> None:
    """Raises Stalled; `lag` raises KafkaError while the broker does not answer, which is not our standing still."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(interval)
        try:
            idle = await lag() == 0
        except KafkaError as error:
            log.warning("the broker does not say where the topics end: %s", type(error).__name__)
            idle = True
        if not pulse.beat(loop.time(), progress(), idle=idle):
            raise Stalled(f"no progress for {pulse.stall_timeout:.0f} s at {progress()!r}")
