"""The parts of the running stream processor, put together: Faust app, lanes, timers, liveness."""

import asyncio

from care_contracts.clock import Clock
from care_contracts.topics import EVENTS
from prometheus_client import CollectorRegistry

from outreach.playbook.versions import Versions
from outreach.stream.app import faust_app, state_table
from outreach.stream.batch import Handler
from outreach.stream.ends import Ends
from outreach.stream.flush import Flush
from outreach.stream.lanes import Lanes
from outreach.stream.lease import Lease
from outreach.stream.metrics import StreamMetrics
from outreach.stream.private_faust import install
from outreach.stream.pulse import Doing, Pulse, watch
from outreach.stream.reload import Reload
from outreach.stream.settings import StreamSettings
from outreach.stream.timers import Timers
from outreach.stream.watchdog import Watchdog
from outreach.stream.writer import Writer


class Decide:
    """Connected to a broker that has all topics. Made inside a running event loop; with `versions` the handler's playbook is followed."""

    def __init__(self, settings: StreamSettings, handler: Handler, clock: Clock, registry: CollectorRegistry, versions: Versions | None) -> None:
        self._settings = settings
        self._ends = Ends(settings)
        self._metrics = StreamMetrics(registry)
        lease = Lease(settings.session_timeout)
        self._writer = Writer(settings, lease)
        self._app = faust_app(settings)
        table = state_table(self._app, settings)
        flush = Flush(handler, self._writer, self._metrics, table.changelog_topic_name, settings.dead_in_a_row)
        self._lanes = Lanes(settings, flush, lease)
        install(self._app, self._lanes, table, self._ends, settings.fetch_wait)
        self._timers = Timers(settings, self._lanes, self._writer, self._ends, clock, self._metrics)
        self._reload = Reload(settings, versions, self._lanes, self._writer, clock, registry) if versions else None

    async def run(self) -> None:
        """Works until something fails, and raises that."""
        await self._ends.start()
        await self._writer.start()
        parts = [self._faust(), self._failure(), self._timers.run(), self._working(), self._joining(), Watchdog(self._settings.stall_timeout).run()]
        tasks = [asyncio.ensure_future(part) for part in (*parts, *([self._reload.run()] if self._reload else []))]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()

    async def close(self) -> None:
        """Finishes the batches under way, commits, and leaves the group."""
        await self._app.stop()
        await self._writer.stop()
        await self._ends.stop()

    def not_ready(self) -> str:
        """What keeps the process from deciding at this moment; "" when it does."""
        if not self._settled:
            return "partitions are being assigned or recovered"
        if self._writer.waiting:
            return "the broker does not acknowledge"
        return "" if self._lanes.lease.held() else "the group does not answer"

    def remark(self) -> str:
        """What an operator should know although the process decides."""
        return self._reload.remark() if self._reload else ""

    @property
    def _settled(self) -> bool:
        return bool(self._app.started and self._app.tables.recovery.completed.is_set() and not self._app.rebalancing)

    async def _faust(self) -> None:
        await self._app.start()
        await self._app.wait_until_stopped()
        raise self._app.crash_reason or RuntimeError("expected Faust to run until it is stopped")

    async def _failure(self) -> None:
        raise await self._lanes.failure

    async def _working(self) -> None:
        await watch(Pulse(self._settings.stall_timeout), self._behind)

    async def _joining(self) -> None:
        await watch(Pulse(self._settings.session_timeout + self._settings.rebalance_timeout + self._settings.stall_timeout), self._unsettled)

    async def _unsettled(self) -> Doing:
        remaining = self._app.tables.recovery.active_remaining_total()
        self._metrics.recovery.set(max(0, remaining))
        return {} if self._settled or self._writer.waiting else {"joining the group": (self._app.consumer_generation_id, remaining)}

    async def _behind(self) -> Doing:
        """Owned partitions with records on the broker that are not worked off, and how often each got on. One can stand still alone, too."""
        ends = await self._ends.of(self._lanes.worked_off()) if self._lanes.running else {}
        done = self._lanes.worked_off()
        for partition in self._lanes.running:
            source = (EVENTS.name, partition)
            self._metrics.lag.labels(str(partition)).set(max(0, ends.get(source, 0) - done[source]))
        self._metrics.owned.set(len(self._lanes.running))
        self._metrics.unacknowledged.set(self._writer.waiting)
        behind = {partition for (topic, partition), end in ends.items() if end > done.get((topic, partition), end)}
        return {f"partition {each}": self._lanes.running[each].steps for each in sorted(behind & self._lanes.running.keys()) if not self._writer.waiting}
