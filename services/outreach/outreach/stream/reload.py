"""The playbook of a running decider: what its folder holds is published, and what was published last is activated."""

import asyncio
import logging

from care_contracts.clock import DAY_MS, MS, Clock
from care_contracts.playbooks import TooLarge, Version
from prometheus_client import CollectorRegistry, Gauge

from outreach.playbook.load import Folder
from outreach.playbook.mounted import Mounted, revision_of
from outreach.playbook.versions import Versions
from outreach.published import Published
from outreach.stream.activating import Activating
from outreach.stream.lanes import Lanes
from outreach.stream.settings import StreamSettings
from outreach.stream.writer import Writer

log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.5
_REAL = Clock()  # what the broker keeps, and operators' pictures, know only real time, whatever the system's clock shows
_REMEMBERED = "playbook.version"


class Reload:
    """Publishes a version that nobody published before, and one to which the folder was changed, be it while no process looked.

    A folder that was merely left behind by the others publishes nothing: a rolling deployment goes forward only.
    """

    def __init__(self, settings: StreamSettings, versions: Versions, lanes: Lanes, writer: Writer, clock: Clock, registry: CollectorRegistry) -> None:
        self._versions = versions
        self._published = Published(settings.kafka, versions, idempotence=settings.idempotence)
        self._mounted = Mounted(versions.folder, versions.own.playbook.version)
        self._activating = Activating(lanes, writer, versions, clock)
        self._remembered = settings.state_dir / _REMEMBERED
        self._broken = Gauge("care_playbook_broken", "1 while what lies in the playbook's folder cannot be used", registry=registry)
        self._broken.set_function(lambda: bool(self._mounted.problem))
        self._info = Gauge("care_playbook_info", "the version of the playbook that is to be active everywhere", ["version", "revision"], registry=registry)
        self._reloaded = Gauge("care_playbook_reload_timestamp_seconds", "when another version was last taken from the folder", registry=registry)

    async def run(self) -> None:
        """Begins as soon as the topic has been read, and goes on until it is cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._published.run())
            await self._published.catch_up()
            await self._begin()
            tasks.create_task(self._activating.run())
            tasks.create_task(self._watch())

    def remark(self) -> str:
        """What an operator should know of the playbook, "" when all is as in the folder."""
        own, newest = self._versions.own.playbook.version, self._versions.newest
        if self._mounted.problem:
            return f"playbook: {self._mounted.problem}; version {newest} keeps running"
        if self._activating.refused:
            return f"playbook: version {self._activating.refused} needs newer code"
        return f"playbook: version {newest} replaced the folder's {own}, which comes back when it is edited" if own != newest else ""

    async def _begin(self) -> None:
        remembered = self._remembered.read_text() if self._remembered.exists() else ""
        await self._offer(self._versions.own, edited=remembered not in {"", self._versions.own.playbook.version})

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            folder = await self._mounted.look()
            if folder:
                await self._accept(folder)
            await self._keep()
            self._info.clear()
            self._info.labels(self._versions.newest, self._versions.revision_of(self._versions.newest)).set(1)

    async def _accept(self, folder: Folder) -> None:
        await self._published.catch_up()
        try:
            await self._offer(folder, edited=True)
        except TooLarge as error:
            log.error("playbook: %s", error)  # noqa: TRY400 - it says it all
            self._mounted.problem = str(error)
            return
        self._versions.accept(folder)
        self._reloaded.set(_REAL.now() / MS)
        log.info("playbook %s with %d rules was taken from the folder", folder.playbook.version, len(folder.playbook.rules))

    async def _offer(self, folder: Folder, *, edited: bool) -> None:
        version = folder.playbook.version
        if not self._versions.is_published(version) or (edited and self._versions.newest != version):
            await self._publish(folder)
        self._remembered.parent.mkdir(parents=True, exist_ok=True)
        self._remembered.write_text(version)

    async def _keep(self) -> None:
        """What is active is published again once a day, so that the topic forgets a version only long after it was replaced."""
        newest = self._versions.newest
        if newest == self._versions.own.playbook.version and _REAL.now() - self._published.stamps.get(newest, 0) > DAY_MS:
            await self._publish(self._versions.own)

    async def _publish(self, folder: Folder) -> None:
        revision = await asyncio.to_thread(revision_of, self._versions.folder)
        texts = {name: content.decode() for name, content in folder.files.items()}
        await self._published.publish(Version(folder.playbook.version, revision, texts))
