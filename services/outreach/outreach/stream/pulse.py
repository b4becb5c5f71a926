"""Liveness: a process that has something to do and does not get on is stalled and must end, unless it is the broker that is away."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass, field

from aiokafka.errors import KafkaError

log = logging.getLogger(__name__)


Doing = Mapping[Hashable, Hashable]


@dataclass(slots=True)
class Pulse:
    """Notes since when each that has something to do stands where it stands; times are monotonic seconds."""

    stall_timeout: float
    stands: dict[Hashable, tuple[Hashable, float]] = field(default_factory=dict)

    def beat(self, now: float, doing: Doing) -> list[Hashable]:
        """Those that did not move for longer than the stall timeout; `doing` says where each that has something to do is."""
        before = self.stands
        self.stands = {who: before[who] if who in before and before[who][0] == where else (where, now) for who, where in doing.items()}
        return [who for who, (_, since) in self.stands.items() if now - since > self.stall_timeout]


class Stalled(RuntimeError):
    """The process, or one of its partitions, makes no progress although the broker answers and there is lag."""


async def watch(pulse: Pulse, doing: Callable[[], Awaitable[Doing]], interval: float = 1.0) -> None:
    """Raises Stalled; `doing` raises KafkaError while the broker does not answer, which is not our standing still."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(interval)
        try:
            busy = await doing()
        except KafkaError as error:
            log.warning("the broker does not say where the topics end: %s", type(error).__name__)
            busy = {}
        if stalled := pulse.beat(loop.time(), busy):
            raise Stalled(f"no progress for {pulse.stall_timeout:.0f} s: {', '.join(f'{who} at {busy[who]}' for who in stalled)}")
