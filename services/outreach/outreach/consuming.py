"""What our plain consumers do alike: connect, however long that takes, and be watched from outside: how far behind, answered, stalled."""

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import Any, Protocol

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import IllegalStateError, KafkaError
from prometheus_client import Gauge

from outreach.backoff import SERVICE_AWAY

log = logging.getLogger(__name__)

EVERY_SECONDS = 5.0
_ANSWER_SECONDS = 10
STALL_SECONDS = 120.0
_SESSION_MS = 10_000
_NEVER_MS = 2**31 - 1


def group_member(servers: str, group: str, instance: str, client: str, **more: Any) -> AIOKafkaConsumer:
    """A member of a group that reads from the beginning and commits when told to.

    Under the same `instance` a restart takes the dead one's place at once (KIP-345).
    """
    return AIOKafkaConsumer(
        bootstrap_servers=servers,
        group_id=group,
        group_instance_id=instance or None,
        client_id=client,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        session_timeout_ms=_SESSION_MS,
        rebalance_timeout_ms=_SESSION_MS,
        heartbeat_interval_ms=_SESSION_MS // 4,
        max_poll_interval_ms=_NEVER_MS,  # who waits for a database or a mail server takes no records for long, and is healthy all the same
        **more,
    )


async def started(consumer: AIOKafkaConsumer, ending: asyncio.Event) -> None:
    """Connects, again and again with growing pauses until the broker is there or `ending` is set."""
    failures = 0
    while not ending.is_set():
        try:
            await consumer.start()
        except (KafkaError, OSError) as error:
            failures += 1
            log.warning("broker: expected a connection, got %s (failure %d in a row)", type(error).__name__, failures)
            await SERVICE_AWAY.pause(failures)
        else:
            return


class Stalled(RuntimeError):
    """Records wait on the broker, nothing is in flight and none arrives: only a new process helps."""


class Progress(Protocol):
    """Who works on the records: how many are in flight, and how many were ever taken."""

    @property
    def in_flight(self) -> int:
        """Records being worked on."""
        ...

    @property
    def taken(self) -> int:
        """Records that were taken since the process began."""
        ...


@dataclass(slots=True)
class Watch:
    """Asks the broker now and then; `reachable` is its last answer."""

    consumer: AIOKafkaConsumer
    progress: Progress
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
        if not behind or self.progress.in_flight or self.progress.taken != self._taken:
            self._taken, self._moved = self.progress.taken, time.monotonic()
        elif time.monotonic() - self._moved > STALL_SECONDS:
            raise Stalled(f"{behind} records wait and none arrived for {STALL_SECONDS:.0f} s")
