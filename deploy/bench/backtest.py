"""How fast the shipped playbook is replayed: the lives that the demonstration makes of the CDNOW purchases, told of many more customers."""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from care_contracts.records import Event, altered
from care_contracts.wire import encode_event

from deploy.embedded.driver.people import person
from deploy.embedded.driver.play import Cast
from deploy.embedded.driver.purchases import purchases
from deploy.embedded.driver.story import Fact, Story

EVENTS = 400_000
LOOK_S = 0.2
ROOT = Path(__file__).resolve().parents[2]


def measure(events: int = EVENTS) -> str:
    """Runs `care backtest` on all cores over a log of at least so many events; from the start of the command to its report, everything included.

    `rss_mb` is the most memory that its processes had, all together.
    """
    cores = os.cpu_count() or 1
    with TemporaryDirectory(prefix="care-bench-") as folder:
        log, report = Path(folder) / "events.jsonl", Path(folder) / "report.json"
        written = write_log(log, events)
        words = ("--events", str(log), "--playbook", str(ROOT / "playbook"), "--cores", str(cores), "--format", "json", "--output", str(report))
        took, memory = _run((sys.executable, "-m", "outreach.cli", "backtest", *words))
        read = json.loads(report.read_text("utf-8"))["log"]["events"]
    if read != written:
        raise RuntimeError(f"expected {written} events to be replayed, got {read}")
    return json.dumps({"events_per_s_per_core": round(read / took / cores), "cores": cores, "events": read, "rss_mb": memory})


def _run(command: tuple[str, ...]) -> tuple[float, int]:
    """Its seconds, and the peak memory of all its processes in MB."""
    began, peaks = time.perf_counter(), Counter[int]()
    process = subprocess.Popen(command)
    while process.poll() is None:
        peaks.update({pid: max(0, _peak_kb(pid) - peaks[pid]) for pid in (process.pid, *_children(process.pid))})
        with suppress(subprocess.TimeoutExpired):
            process.wait(LOOK_S)
    if process.returncode:
        raise RuntimeError(f"expected the backtest to succeed, got exit code {process.returncode}")
    return time.perf_counter() - began, peaks.total() // 1024


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []  # it has just ended, or this is no Linux


def _peak_kb(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status if line.startswith("VmHWM:")), 0)


def write_log(log: Path, at_least: int) -> int:
    """Writes the log as it lies on care.events, in the order of time, and says how many events it has: every customer's life as often as needed."""
    times = -(-at_least // len(_facts()))
    with log.open("wb") as file:
        file.writelines(encode_event(event) + b"\n" for event in lives(range(times)))
    return times * len(_facts())


def lives(copies: Iterable[int]) -> Iterator[Event]:
    """Every customer's life once for each copy, which makes another customer of it; all of them together in the order of time."""
    for fact in _facts():
        event = Event(fact.id, fact.source, fact.type, fact.customer_id, fact.at, fact.at, fact.data)
        yield from (altered(event, customer_id=f"{fact.customer_id}-{number}") for number in copies)


@cache
def _facts() -> list[Fact]:
    seed = Cast.seed
    return sorted(fact for number, bought in purchases().items() for fact in Story(person(number, seed), bought, seed).facts())
