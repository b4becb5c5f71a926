"""How fast the shipped playbook is replayed: the lives that the demonstration makes of the CDNOW purchases, told of many more customers."""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from care_contracts.records import Event
from care_contracts.wire import encode_event

from deploy.embedded.driver.people import person
from deploy.embedded.driver.play import Cast
from deploy.embedded.driver.purchases import purchases
from deploy.embedded.driver.story import Fact, Story

EVENTS = 400_000
ROOT = Path(__file__).resolve().parents[2]


def measure(events: int = EVENTS) -> str:
    """Runs `care backtest` on all cores over a log of at least so many events; from the start of the command to its report, everything included.

    `rss_mb` is the most memory that any one of its processes had.
    """
    cores = os.cpu_count() or 1
    with TemporaryDirectory(prefix="care-bench-") as folder:
        log = Path(folder) / "events.jsonl"
        written = write_log(log, events)
        began = time.perf_counter()
        words = ("--events", str(log), "--playbook", str(ROOT / "playbook"), "--cores", str(cores), "--format", "json")
        done = subprocess.run((sys.executable, "-m", "outreach.cli", "backtest", *words), check=True, capture_output=True, text=True)
        took = time.perf_counter() - began
    read = json.loads(done.stdout)["log"]["events"]
    if read != written:
        raise RuntimeError(f"expected {written} events to be replayed, got {read}")
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    return json.dumps({"events_per_s_per_core": round(read / took / cores), "cores": cores, "events": read, "rss_mb": memory})


def write_log(log: Path, at_least: int) -> int:
    """Writes the log as it lies on care.events, in the order of time, and says how many events it has: every customer's life as often as needed."""
    facts = sorted(_facts())
    times = -(-at_least // len(facts))
    with log.open("wb") as file:
        for fact in facts:
            event = Event(fact.id, fact.source, fact.type, fact.customer_id, fact.at, fact.at, fact.data)
            file.writelines(encode_event(replace(event, customer_id=f"{fact.customer_id}-{number}")) + b"\n" for number in range(times))
    return times * len(facts)


def _facts() -> Iterator[Fact]:
    seed = Cast.seed
    for number, bought in purchases().items():
        yield from Story(person(number, seed), bought, seed).facts()
