"""The crash matrix: trial after trial on one log, compared with the oracle after each, and what it all comes to."""

import json
import re
import statistics
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from deploy.reliability.nodes import Embedded, Jars, Node
from deploy.reliability.oracle import Verdict
from deploy.reliability.scene import Scene, staged
from deploy.reliability.trials import Trial, deaths, on_kafka, others

QUICK = 1
LONG = {
    "killed at points as they come": 3,
    "broker crashed": 20,
    "network cut": 5,
    "network slow and breaking off": 5,
    "disk full": 6,
    "databases lost": 6,
    "slept through its session": 12,
}
LONG_DEATHS = 30


@dataclass
class Findings:
    """What the trials on all brokers came to."""

    kills: int = 0
    lost: int = 0
    different: int = 0
    repeated: int = 0
    recoveries: list[float] = field(default_factory=list)

    def add(self, scene: Scene, verdict: Verdict) -> None:
        """Those of one broker; a verdict is about its whole log."""
        self.kills += scene.kills
        self.lost += verdict.lost
        self.different += verdict.wrong
        self.repeated += scene.tail.repeated
        self.recoveries += scene.recoveries

    @property
    def good(self) -> bool:
        """Nothing lost, nothing different."""
        return not self.lost and not self.different

    def line(self) -> str:
        """One line of JSON."""
        p50, p95 = (statistics.quantiles([*self.recoveries, *self.recoveries], n=20)[at] for at in (9, 18)) if self.recoveries else (0.0, 0.0)
        found = {"kills": self.kills, "lost": self.lost, "different": self.different, "repeated": self.repeated}
        return json.dumps(found | {"recovery_p50_s": round(p50, 2), "recovery_p95_s": round(p95, 2)})


def node_of(name: str, folder: Path) -> Node:
    """The broker of that name, not started."""
    if name == "kafka":
        return Jars(folder)
    return Embedded()


async def matrix(brokers: tuple[str, ...], only: str, folder: Path, deaths_each: int = QUICK) -> Findings:
    """Tries everything whose name matches `only`, with more than one death at each point the long form; tells what it does on standard error."""
    findings = Findings()
    for name in brokers:
        place = folder / name
        place.mkdir(parents=True)
        async with staged(node_of(name, place), place) as scene:
            trials = [*deaths(long=deaths_each > QUICK), *others(), *(on_kafka() if name == "kafka" else ())]
            verdict = await _try(scene, [trial for trial in trials if re.search(only, trial.name)], deaths_each)
            findings.add(scene, verdict)
    return findings


async def _try(scene: Scene, trials: list[Trial], deaths_each: int) -> Verdict:
    verdict = await scene.judged()
    for trial in trials:
        times = LONG.get(trial.name, deaths_each) if deaths_each > QUICK else QUICK
        before = Counter(kills=scene.kills, recoveries=len(scene.recoveries), repeated=scene.tail.repeated)
        scene.load.flow()
        await trial.what(scene, times)
        verdict = await scene.judged()
        _tell(scene, trial, times, before, verdict)
        if verdict.lost or verdict.wrong:
            break
    return verdict


def _tell(scene: Scene, trial: Trial, times: int, before: Counter[str], verdict: Verdict) -> None:
    seconds = scene.recoveries[before["recoveries"] :]
    figures = f"recovered in {statistics.median(seconds):.1f} s, at most {max(seconds):.1f} s" if seconds else ""
    counts = f"{verdict.events} events, {verdict.outputs} records, lost {verdict.lost}, different {verdict.wrong}"
    say(f"{scene.node.name:8} {trial.name:32} x{times:<3} {figures:42} {counts}, repeated {scene.tail.repeated - before['repeated']}")
    for line in (*verdict.lines(), *([f"came after their tick could: {scene.load.late} events"] if scene.load.late else [])):
        say(f"         {line}")
    if scene.missed:
        say(f"         not passed in time, killed elsewhere: {dict(scene.missed)}")
        scene.missed.clear()


def say(line: str) -> None:
    """For whoever waits."""
    print(line, file=sys.stderr, flush=True)
