"""`make bench-decide`: all rows in three rounds on one broker, then the latency; a table for people, and one line of JSON."""

import asyncio
import os
import subprocess
import sys
import venv
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.bench.decide import report
from deploy.bench.decide.delay import delay
from deploy.bench.decide.ground import Ground, create_topics, ground, preload, sizes
from deploy.bench.decide.rows import ROWS, Figures, NotMeasured, Row, run_row, trouble
from deploy.embedded.plan import ROOT

ROUNDS = 3
COPIES, PARTS = 3, 2  # of the log: ours decides the first part, whole lives; who is faster reads on
LOCK = Path(__file__).with_name("quix.txt")
RIVALS = ROOT / ".run" / "quix"


def measure(rounds: int = ROUNDS) -> str:
    """The line of JSON; the table goes to standard error."""
    pythons = {False: sys.executable, True: quix_python()}
    _say(f"load of the machine before: {os.getloadavg()[0]:.1f}")  # above 0.5 others are at work: look at the CPU time rather
    with TemporaryDirectory(prefix="care-bench-") as name, ground(folder := Path(name)) as on:
        asyncio.run(create_topics(on.kafka))
        events = asyncio.run(preload(on.kafka, COPIES, PARTS))
        _say(f"{events:,} events on {on.broker.note}; the measured process has core {on.core} to itself; {rounds} rounds")
        found: defaultdict[str, list[Figures]] = defaultdict(list)
        for number in range(rounds):
            for row in ROWS:
                found[row.name] += _measured(row, on, folder, f"{row.name.replace('_', '-')}-{number}", pythons[row.quix])
        latency = _delay(on, folder)
    measured = report.lines(found)
    _say("\n".join([report.HEAD, *map(str, measured.values()), *report.ratios(measured), *report.latencies(latency)]))
    return report.summary(measured, latency)


def _measured(row: Row, on: Ground, folder: Path, run: str, python: str) -> list[Figures]:
    """The figures, or none; why not is said at once."""
    topics = tuple(row.topics(run).values())
    try:
        before = asyncio.run(sizes(on.kafka, topics))
        figures = run_row(row, on, folder, run, python)
        after = asyncio.run(sizes(on.kafka, topics))
    except NotMeasured as why:
        _say(f"NOT MEASURED: {why}")
        return []
    if wrong := trouble(row, run, figures, {topic: after[topic] - before[topic] for topic in topics}):
        _say(f"NOT COUNTED: {row.name}: {wrong}")
        return []
    return [figures]


def _delay(on: Ground, folder: Path) -> Figures:
    try:
        return asyncio.run(delay(on, folder))
    except NotMeasured as why:
        _say(f"NOT MEASURED: {why}")
        return {}


def quix_python() -> str:
    """The interpreter of the environment with Quix Streams, which is made when it is missing; "" when that is not possible."""
    python = RIVALS / "bin" / "python"
    done = RIVALS / LOCK.name
    if not done.exists() or done.read_bytes() != LOCK.read_bytes():
        venv.create(RIVALS, with_pip=True, clear=True)
        pip = (str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes", "-r", str(LOCK))
        if subprocess.run(pip, check=False).returncode:
            return ""
        done.write_bytes(LOCK.read_bytes())
    return str(python)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
