"""The smoke test: a bounded play, unattended, and then a judgement on whether anything was lost or came twice."""

import asyncio
import json
import time
from dataclasses import dataclass

from outreach.playbook.load import load_folder
from outreach.stream.decider import Decider
from rich.console import Console

from deploy.embedded.audit import Evidence, Findings, details, examine, gather, held, skipped
from deploy.embedded.board import Board, show
from deploy.embedded.driver.play import FIRST_DAY, Cast, Play, staged
from deploy.embedded.lag import lags
from deploy.embedded.options import Kill
from deploy.embedded.plan import Plan
from deploy.embedded.system import System, running
from deploy.embedded.tally import Tally, watch

LEAD_S = 12.0  # from the start of the programs to the first day: about what they need to be ready
SETTLE_S = 90.0


@dataclass(frozen=True)
class Judgement:
    """The end of a smoke run."""

    evidence: Evidence
    findings: Findings
    accepted: int
    seconds: float

    @property
    def answers(self) -> int:
        """Survey answers on the topic."""
        return len({event.id for event in self.evidence.events if event.type == "survey.answered"})

    @property
    def good(self) -> bool:
        """Nothing lost, nothing twice, and something was sent and answered."""
        return not self.findings.lost and not self.findings.twice and self.evidence.mails > 0 and self.answers > 0

    def line(self) -> str:
        """One line of JSON."""
        figures = {
            "events": self.accepted,
            "mails": self.evidence.mails,
            "answers": self.answers,
            "held": held(self.evidence.decisions),
            "skipped": dict(skipped(self.evidence.decisions).most_common()),
            "in_doubt": len(self.findings.in_doubt),
            "duplicates": len(self.findings.twice),
            "lost": self.findings.lost,
            "seconds": round(self.seconds, 1),
        }
        return json.dumps(figures)


async def smoke(plan: Plan, cast: Cast, speed: float, kills: tuple[Kill, ...], console: Console) -> Judgement:
    """Runs the play on a fresh system and judges it."""
    began = time.monotonic()
    plan = plan.starting_clock(FIRST_DAY, speed, LEAD_S)
    async with running(plan) as system, staged(system.plan, cast) as play:
        console.print(f"ready after {time.monotonic() - began:.1f} s on {system.broker.note}; {len(play.facts):,} events of {cast.customers} customers to come")
        await _played(system, play, kills, console)
        console.print(f"memory of the four services: {system.resident_mb():.0f} MB")
        evidence, findings = await _settled(system.plan, play)
        if findings.lost:
            (plan.folder / "lost.json").write_text(json.dumps(details(evidence, findings), indent=1, default=str))
            console.print(f"all about it in {plan.folder / 'lost.json'}")
        for line in (f"customers: {dict(play.readers.did + play.readers.pages.did)}", *findings.lines()):
            console.print(line, highlight=False)
        return Judgement(evidence, findings, len(play.poster.accepted), time.monotonic() - began)


async def _played(system: System, play: Play, kills: tuple[Kill, ...], console: Console) -> None:
    tally = Tally()
    aside = [asyncio.create_task(work) for work in (watch(system.plan, tally), show(Board(system, play, tally), console), _kill(system, kills, console))]
    try:
        await system.supervisor.while_running(play.run())
    finally:
        for task in aside:
            task.cancel()
        await asyncio.gather(*aside, return_exceptions=True)


async def _kill(system: System, kills: tuple[Kill, ...], console: Console) -> None:
    began = time.monotonic()
    for kill in sorted(kills, key=lambda kill: kill.after_s):
        await asyncio.sleep(max(0.0, began + kill.after_s - time.monotonic()))
        console.print(f"SIGKILL to {kill.service}")
        system.supervisor.kill(kill.service)


async def _settled(plan: Plan, play: Play) -> tuple[Evidence, Findings]:
    """Waits until every promise about the time up to now is kept; whatever is not kept by then is lost."""
    upto, until = play.agenda.clock.now(), time.monotonic() + SETTLE_S
    handler = Decider(load_folder(plan.playbook).playbook)
    async with lags(plan.kafka, plan.partitions) as groups:
        while True:
            await groups.settled(until - time.monotonic())
            evidence = await gather(plan, handler, upto)
            findings = examine(evidence, play.poster.accepted, play.readers.pages.did["answered"])
            if not findings.lost or time.monotonic() > until:
                return evidence, findings
            await asyncio.sleep(1)
