"""A process that works until it is told to end, with its operators' port open meanwhile."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any

from prometheus_client import CollectorRegistry

from outreach.ops import Check, Ops

GRACE_SECONDS = 8.0


async def serve(
    work: Callable[[asyncio.Event], Coroutine[Any, Any, None]], unready: Check, registry: CollectorRegistry, host: str, port: int, remark: Check = lambda: ""
) -> None:
    """Runs `work` with the event that asks it to end, which SIGTERM and SIGINT set.

    What is not finished after GRACE_SECONDS is cancelled: it is left to the database and to the broker, from which it comes again.
    """
    ending = asyncio.Event()
    ops = Ops(registry, alive=lambda: "", ready=unready, remark=remark)
    working = asyncio.ensure_future(work(ending))
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, _end, ending, working)
    await ops.start(host, port)
    try:
        await working
    finally:
        await ops.stop()


def _end(ending: asyncio.Event, working: asyncio.Future[None]) -> None:
    ending.set()
    asyncio.get_running_loop().call_later(GRACE_SECONDS, working.cancel)
