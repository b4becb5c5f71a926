"""The event loop itself, watched from a thread: a call that never returns would leave nobody inside of it to notice."""

import asyncio
import faulthandler
import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

log = logging.getLogger(__name__)

FAILED = 1
_BEAT_SECONDS = 1.0


class Watchdog:
    """Ends the process when the loop has not turned for so many real seconds in which this thread did; time asleep in a stopped process does not count."""

    def __init__(self, stall_timeout: float) -> None:
        self._beats_missed_at_most = round(stall_timeout / _BEAT_SECONDS)
        self._beats = 0
        self._running = False

    async def run(self) -> None:
        """Watches as long as it is awaited; never returns."""
        self._running = True
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()
        try:
            while True:
                self._beats += 1
                await asyncio.sleep(_BEAT_SECONDS)
        finally:
            self._running = False

    def _watch(self) -> None:
        seen, missed = 0, 0
        while self._running:
            time.sleep(_BEAT_SECONDS)
            missed = missed + 1 if self._beats == seen else 0
            seen = self._beats
            if missed > self._beats_missed_at_most and self._running:
                _end(f"no progress for {missed} s: the event loop stands still")


@contextmanager
def at_most(seconds: float, what: str) -> Iterator[None]:
    """Ends the process when it is not `what` by then, be it that a call blocks the event loop, be it that a thread holds up its end."""
    timer = threading.Timer(seconds, _end, (f"not {what} within {seconds:.0f} s",))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _end(why: str) -> None:
    log.critical("stopping: %s; what is not committed comes again", why)
    faulthandler.dump_traceback(all_threads=True)
    os._exit(FAILED)
