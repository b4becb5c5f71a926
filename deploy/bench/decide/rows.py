"""The rows of the table: which process is measured over how many events, and whether it really did what it says."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from care_contracts.topics import DECISIONS, DEFAULT_PARTITIONS, OUTREACH

from deploy.bench.decide.ground import Ground
from deploy.bench.decide.little import OUT
from deploy.bench.decide.meter import Told
from deploy.embedded.plan import ROOT

PATIENCE_S = 150.0

Figures = Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """`program` is run with `word`. `writes` maps what it must have counted to the topic where that must lie; RUN stands for its own name."""

    name: str
    says: str
    program: str
    word: str
    warm: int
    events: int
    writes: Mapping[str, str]
    quix: bool = False

    def topics(self, run: str) -> dict[str, str]:
        """What it counts, and the topic for it."""
        return {counted: topic.replace("RUN", run) for counted, topic in self.writes.items()}


_CHANGELOG = "RUN-state-changelog"
_OURS = "deploy.bench.decide.ours"
_FAUST = "deploy.bench.decide.stock_faust"

ROWS = (
    Row("aiokafka", "aiokafka, getmany alone", "deploy.bench.decide.bare", "", 10_000, 100_000, {}),
    Row("faust_noop", "stock Faust, doing nothing", _FAUST, "nothing", 4_000, 30_000, {}),
    Row("faust_state_send", "stock Faust, table get/set + queued send", _FAUST, "state", 2_000, 12_000, {"out": f"RUN-{OUT}"}),
    Row("quix_state_out", "Quix Streams, state + output", "deploy.bench.decide.quix", "", 10_000, 100_000, {"out": f"RUN-{OUT}"}, quix=True),
    Row("ours_noop", "our lane, doing nothing", _OURS, "nothing", 10_000, 100_000, {}),
    Row("ours_lane", "our lane, state + output, all acknowledged", _OURS, "state", 10_000, 100_000, {"commands": OUTREACH.name, "state": _CHANGELOG}),
    Row(
        "ours_full",
        "ours, the whole shipped playbook",
        _OURS,
        "full",
        5_000,
        70_000,
        {"commands": OUTREACH.name, "records": DECISIONS.name, "state": _CHANGELOG},
    ),
)


class NotMeasured(RuntimeError):
    """A row has no figure, and why."""


def run_row(row: Row, ground: Ground, folder: Path, run: str, python: str = sys.executable) -> Figures:
    """What the process says of itself; raises NotMeasured when it failed."""
    if not python:
        raise NotMeasured(f"{row.name}: its environment could not be installed")
    told = Told(
        kafka=ground.kafka, run=run, folder=str(folder / run), core=ground.core, warm=row.warm, events=row.events, partitions=DEFAULT_PARTITIONS, **ground.told
    )
    argv = command(row.program, told, row.word, python)
    log = folder / f"{run}.log"
    try:
        with log.open("wb") as errors:
            done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=errors, env=environment(), timeout=PATIENCE_S, check=False)
    except subprocess.TimeoutExpired:
        raise NotMeasured(f"{row.name}: not done within {PATIENCE_S:.0f} s: {_tail(log)}") from None
    return read(row, done.stdout, done.returncode, _tail(log))


def command(program: str, told: Told, word: str, python: str = sys.executable) -> tuple[str, ...]:
    """The command line of a measured process."""
    return (python, "-m", program, json.dumps(asdict(told)), *([word] if word else []))


def environment() -> dict[str, str]:
    """Ours, with the packages that we ourselves were started with."""
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))}


def read(row: Row, output: bytes, code: int, errors: str) -> Figures:
    """The figures in a process's last line; raises NotMeasured when there are none."""
    lines = output.splitlines()
    if code or not lines or not lines[-1].startswith(b"{"):
        raise NotMeasured(f"{row.name}: ended with {code}: {errors}")
    figures: Figures = json.loads(lines[-1])
    return figures


def trouble(row: Row, run: str, figures: Figures, grown: Mapping[str, int]) -> str:
    """What speaks against a row's figures, "" when nothing does; `grown` is how many records came to each topic meanwhile."""
    if figures["events"] < row.events:
        return f"{figures['events']} of {row.events} events were worked off"
    if figures.get("dead"):
        return f"{figures['dead']} events were put aside as dead"
    for counted, topic in row.topics(run).items():
        wanted = max(1, figures.get(counted, 1))
        if grown.get(topic, 0) < wanted or (counted != "state" and not figures.get(counted)):
            return f"expected {wanted} {counted} on {topic}, got {grown.get(topic, 0)}"
    return ""


def _tail(log: Path) -> str:
    return " | ".join(log.read_text(errors="replace").splitlines()[-3:])
