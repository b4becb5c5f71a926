"""Running the stream processor: from settings to an exit code."""

import asyncio
import gc
import logging
import signal

import uvloop
from care_contracts.clock import Clock
from prometheus_client import CollectorRegistry

from outreach.ops import Ops
from outreach.playbook.versions import Versions
from outreach.stream.await_topics import topics_there
from outreach.stream.batch import Handler
from outreach.stream.decide import Decide
from outreach.stream.faults import FAULT
from outreach.stream.quiet import quieten
from outreach.stream.settings import StreamSettings
from outreach.stream.watchdog import FAILED, at_most

log = logging.getLogger(__name__)

STOPPED = 0
_CLOSING_SECONDS = 25.0  # less than supervisors grant, so that the log says why
_GIVING_UP_SECONDS = 5.0  # who has failed is started again the sooner
_COLLECT_AFTER = 20_000  # objects; a batch of 500 events makes about as many that live as long as it does


def run_decider(settings: StreamSettings, handler: Handler, clock: Clock, versions: Versions | None = None) -> int:
    """Works until SIGTERM or SIGINT (0: everything under way is finished and committed) or a failure (1: it comes again)."""
    quieten()
    FAULT.arm(settings.fault)
    _leave_in_peace()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_Process(settings, handler, clock, versions).run())


def _leave_in_peace() -> None:
    """The garbage collector does not look again and again at what stays, such as the playbook, nor at every batch while it is worked on."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER, 20, 20)


class _Process:
    def __init__(self, settings: StreamSettings, handler: Handler, clock: Clock, versions: Versions | None) -> None:
        self._settings = settings
        self._handler = handler
        self._clock = clock
        self._registry = CollectorRegistry()
        self._versions = versions
        self._decide: Decide | None = None
        self._waiting_for = "the broker"
        self._ops = Ops(self._registry, alive=lambda: "", ready=self._not_ready, remark=lambda: self._decide.remark() if self._decide else "")

    async def run(self) -> int:
        port = await self._ops.start(self._settings.ops_host, self._settings.ops_port)
        log.info("deciding on %s, operators' port %d", self._settings.kafka, port)
        working = asyncio.create_task(self._work())
        await _done_or_told(working)
        with at_most(_GIVING_UP_SECONDS if working.done() else _CLOSING_SECONDS, "closed"):
            error = await _ended(working)
            if error:
                log.error("stopping: %s: %s", type(error).__name__, error, exc_info=error)
            closed = await self._closed()
        return FAILED if error or not closed else STOPPED

    async def _work(self) -> None:
        await topics_there(self._settings.kafka, self._settings.partitions, self._waits)
        self._decide = Decide(self._settings, self._handler, self._clock, self._registry, self._versions)
        await self._decide.run()

    def _waits(self, problem: str) -> None:
        self._waiting_for = problem

    async def _closed(self) -> bool:
        """Whether it went without an error."""
        closing = asyncio.ensure_future(self._close())
        await asyncio.wait([closing])
        return closing.exception() is None

    async def _close(self) -> None:
        if self._decide:
            await self._decide.close()
        await self._ops.stop()

    def _not_ready(self) -> str:
        return self._decide.not_ready() if self._decide else f"waiting for {self._waiting_for}"


async def _done_or_told(working: asyncio.Task[None]) -> None:
    """Returns when the work has ended by itself, or when a signal says that it shall."""
    told = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, told.set)
    telling = asyncio.create_task(told.wait())
    await asyncio.wait({working, telling}, return_when=asyncio.FIRST_COMPLETED)
    telling.cancel()


async def _ended(working: asyncio.Task[None]) -> BaseException | None:
    """What it failed with, if it has."""
    working.cancel()
    await asyncio.wait({working})
    return None if working.cancelled() else working.exception()
