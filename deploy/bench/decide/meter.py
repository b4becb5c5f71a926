"""What every measured process has in common: its core, its count, its one line of JSON. Only the standard library, because Quix Streams lives elsewhere."""

import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Told:
    """What a measured process is told: the first argument, as JSON. `events` are counted after `warm` others.

    `run` is in the names of its groups and topics.
    """

    kafka: str
    run: str
    folder: str
    core: int
    warm: int
    events: int
    partitions: int
    idempotence: bool = False
    session_timeout: float = 10.0
    rebalance_timeout: float = 10.0
    fetch_wait: float = 0.5
    ops_port: int = 0


def begin() -> Told:
    """Reads what we are told and stays on one core from here on, with every thread that comes."""
    told = Told(**json.loads(sys.argv.pop(1)))
    pin(told.core)
    return told


def pin(core: int) -> None:
    """Keeps this process, and what it starts, on a core; where the system cannot do that, nothing happens."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})


class Meter:
    """Counts events, and what came of them; the time runs from the `warm`-th event to the last one."""

    def __init__(self, told: Told) -> None:
        self.told = told
        self.total = 0
        self.counts: dict[str, int] = {}
        self._began: tuple[int, float, float] | None = None
        self._ended: tuple[int, float, float] | None = None

    @property
    def over(self) -> bool:
        """Whether all events have been counted."""
        return self._ended is not None

    def count(self, events: int = 1, **came: int) -> bool:
        """So many more events were worked off and led to so many outputs of each kind; True when that makes it all of them."""
        self.total += events
        for name, number in came.items():
            self.counts[name] = self.counts.get(name, 0) + number
        if self._began is None and self.total >= self.told.warm:
            self._began = self._now()
        elif self._began and not self._ended and self.total >= self._began[0] + self.told.events:
            self._ended = self._now()
        return self.over

    def line(self) -> str:
        """The result as JSON; raises RuntimeError while events are missing."""
        if not (self._began and self._ended):
            raise RuntimeError(f"expected {self.told.warm + self.told.events} events, got {self.total}")
        events, seconds, cpu = (after - before for before, after in zip(self._began, self._ended, strict=True))
        figures = {"events": int(events), "seconds": seconds, "cpu_us": cpu / events * 1e6, "rss_mb": resident_mb(), "total": self.total}
        return json.dumps(figures | self.counts)

    def _now(self) -> tuple[int, float, float]:
        return self.total, time.perf_counter(), time.process_time()


def resident_mb() -> int:
    """The most memory that this process had, in MB; 0 where /proc does not exist."""
    try:
        status = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) // 1024


def end(meter: Meter) -> None:
    """Says the result and ends at once: nobody is interested in how orderly a rival leaves its group."""
    print(meter.line(), file=sys.__stdout__, flush=True)  # Faust has replaced the other one
    os._exit(0)
