"""Durable timers: looks at each owned partition's agenda and sends one tick when something is due there."""

import asyncio
import logging
from collections.abc import Iterator, Mapping

from aiokafka.errors import KafkaError
from care_contracts.clock import MS, Clock
from care_contracts.topics import EVENTS, TICKS

from outreach.stream.ends import Ends
from outreach.stream.lanes import Lanes, Running
from outreach.stream.metrics import StreamMetrics
from outreach.stream.settings import StreamSettings
from outreach.stream.ticks import Tick
from outreach.stream.writer import Record, Writer

log = logging.getLogger(__name__)


class Timers:
    """A tick for T is sent at T plus the grace, by when every record of before T is on the log.

    It names the end of the partition's events at that moment, and is worked off after them. So it never overtakes a
    record of before T, and decisions do not depend on when ticks come.
    """

    def __init__(self, settings: StreamSettings, lanes: Lanes, writer: Writer, ends: Ends, clock: Clock, metrics: StreamMetrics) -> None:
        self._settings = settings
        self._lanes = lanes
        self._writer = writer
        self._ends = ends
        self._clock = clock
        self._metrics = metrics

    async def run(self) -> None:
        """Looks ten times a real second by default; never returns."""
        while True:
            await asyncio.sleep(self._settings.tick_interval)
            try:
                await self.look()
            except KafkaError as error:
                log.warning("care.ticks: no tick sent (%s), looking again", type(error).__name__)

    async def look(self) -> None:
        """Sends a tick to each partition that has something due and is not working one off already."""
        upto = self._clock.now() - round(self._settings.tick_grace * MS * self._clock.speed)
        first = {partition: due for partition, due in self._first_due() if due is not None}
        self._metrics.oldest_due.set(max(0, self._clock.now() - min(first.values())) / MS if first else 0)
        overdue = {partition: self._lanes.running[partition] for partition, moment in first.items() if moment <= upto}
        idle = {partition: running for partition, running in overdue.items() if not running.lane.ticking}
        if idle:
            await self._send(upto, idle)

    def _first_due(self) -> Iterator[tuple[int, int | None]]:
        return ((partition, running.store.first_due()) for partition, running in self._lanes.running.items())

    async def _send(self, upto: int, due: Mapping[int, Running]) -> None:
        ends = await self._ends.of((EVENTS.name, partition) for partition in due)
        for partition, running in due.items():
            if self._lanes.running.get(partition) is running:
                running.lane.ticking = True
                tick = Tick(upto, ends[EVENTS.name, partition])
                record = Record(str(partition).encode(), tick.encoded())
                await self._writer.write(TICKS.name, partition, self._writer.packed([record]))
                self._metrics.ticks.inc()
