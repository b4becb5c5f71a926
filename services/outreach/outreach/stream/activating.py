"""The newest version becomes active in the partitions that are ours: one record for each in which it is not."""

import asyncio
import logging

from aiokafka.errors import KafkaError
from care_contracts.clock import Clock
from care_contracts.playbooks import ACTIVATION_KEY, activation
from care_contracts.topics import EVENTS
from care_contracts.wire import encode_event

from outreach.playbook.load import Folder
from outreach.playbook.versions import Versions
from outreach.stream.lanes import Lanes, Running
from outreach.stream.timeline import Timeline
from outreach.stream.writer import Record, Writer

log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.2


class Activating:
    """All deciders go by the same log of versions, so that none undoes what another one did."""

    def __init__(self, lanes: Lanes, writer: Writer, versions: Versions, clock: Clock) -> None:
        self._lanes = lanes
        self._writer = writer
        self._versions = versions
        self._clock = clock
        self._asked: dict[int, tuple[Running, str]] = {}
        self.refused = ""

    async def run(self) -> None:
        """Looks five times a real second; never returns."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            try:
                await self.look()
            except KafkaError as error:
                log.warning("care.events: nothing activated (%s), looking again", type(error).__name__)

    async def look(self) -> None:
        """Asks once for each version and partition, as long as the partition is ours without interruption."""
        newest = self._versions.newest
        lacking = {partition: running for partition, running in self._lanes.running.items() if self._lacks(partition, running, newest)}
        folder = await self._versions.of(newest) if lacking else None
        if folder and self._is_fit(newest, folder):
            for partition, running in lacking.items():
                await self._activate(partition, running, newest)

    def _lacks(self, partition: int, running: Running, newest: str) -> bool:
        if self._asked.get(partition) == (running, newest):
            return False
        stored = running.store.playbooks()
        active = Timeline.decoded(stored).last if stored else None
        return active is None or not active.number or active.version != newest

    def _is_fit(self, version: str, folder: Folder) -> bool:
        """A version that newer code accepted may say what this code does not understand."""
        refused = version if folder.errors else ""
        if refused and refused != self.refused:
            log.error("playbook %s was accepted by other code and has %d errors for this one: it is not activated here", version, len(folder.errors))
        self.refused = refused
        return not refused

    async def _activate(self, partition: int, running: Running, version: str) -> None:
        if self._lanes.running.get(partition) is not running:
            return
        event = activation(version, self._versions.revision_of(version), self._clock.now())
        await self._writer.write(EVENTS.name, partition, self._writer.packed([Record(ACTIVATION_KEY, encode_event(event))]))
        self._asked[partition] = (running, version)
        log.info("care.events[%d]: playbook %s is active from here on", partition, version)
