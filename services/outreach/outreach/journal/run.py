"""Puts the journal together from its settings and runs it until it is told to end."""

import asyncio
import contextlib
import logging
from dataclasses import dataclass

import uvloop
from care_contracts.clock import DAY_MS, Clock, clock_from
from prometheus_client import REGISTRY, CollectorRegistry
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError

from outreach.backoff import SERVICE_AWAY
from outreach.database import open_engine
from outreach.journal import tables
from outreach.journal.keeping import Keeping
from outreach.journal.listening import Listening
from outreach.journal.metrics import Metrics, metrics
from outreach.journal.writing import purge
from outreach.serving import serve
from outreach.settings import JournalSettings

log = logging.getLogger(__name__)

PURGE_EVERY_SECONDS = 3600
PURGE_AT_ONCE = 500
PURGE_PAUSE_SECONDS = 0.2


@dataclass(slots=True)
class Journal:
    """A journal process, put together and not yet connected to anything."""

    engine: Engine
    listening: Listening
    keeping: Keeping
    clock: Clock
    keep_ms: int
    prepared: bool = False

    def unready(self) -> str:
        """Which neighbours are away, in words; "" when none is."""
        reachable = {"database": self.prepared and self.keeping.reachable, "broker": not self.prepared or self.listening.reachable}
        return ", ".join(f"{name} away" for name, there in reachable.items() if not there)

    async def run(self, ending: asyncio.Event) -> None:
        """Works until `ending` is set and what was taken is kept."""
        await self._prepare(ending)
        if ending.is_set():
            return
        async with asyncio.TaskGroup() as group:
            forgetting = group.create_task(self._purge_now_and_then())
            await self.listening.run(ending)
            forgetting.cancel()

    async def _prepare(self, ending: asyncio.Event) -> None:
        failures = 0
        while not (self.prepared or ending.is_set()):
            try:
                await asyncio.to_thread(tables.prepare, self.engine)
                self.prepared = True
            except (OperationalError, InterfaceError) as error:
                failures += 1
                log.warning("database: expected a connection, got %s (failure %d in a row)", type(error.orig).__name__, failures)
                await SERVICE_AWAY.pause(failures)

    async def _purge_now_and_then(self) -> None:
        """In small portions with pauses, so that nobody who writes has to wait."""
        while True:
            removed = await self._purge()
            await asyncio.sleep(PURGE_PAUSE_SECONDS if removed else PURGE_EVERY_SECONDS)

    async def _purge(self) -> int:
        try:
            removed = await asyncio.to_thread(purge, self.engine, self.clock.now() - self.keep_ms, PURGE_AT_ONCE)
        except (OperationalError, InterfaceError) as error:
            log.warning("database: expected to remove old rows, got %s; the next try is in an hour", type(error.orig).__name__)
            return 0
        self.keeping.metrics.purged.inc(removed)
        return removed


def journal(settings: JournalSettings, figures: Metrics) -> Journal:
    """Everything in its place. Nothing connects yet."""
    engine = open_engine(settings.database_url)
    keeping = Keeping(engine, figures)
    listening = Listening(settings.kafka, keeping, settings.group_instance_id)
    return Journal(engine, listening, keeping, clock_from(settings.clock), settings.keep_days * DAY_MS)


async def _serve(settings: JournalSettings, registry: CollectorRegistry) -> None:
    whole = journal(settings, metrics(registry))
    await serve(whole.run, whole.unready, registry, settings.ops_host, settings.ops_port)


def run_journal(settings: JournalSettings, registry: CollectorRegistry = REGISTRY) -> None:
    """The whole process, until SIGTERM or SIGINT; raises what no new try can help: broken code, a stall, wrong settings."""
    with contextlib.suppress(asyncio.CancelledError):
        uvloop.run(_serve(settings, registry))
