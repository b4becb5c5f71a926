"""Everything that one run needs, up and under load: broker, topics, two workers, the log that is read along, the oracle."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from care_contracts.clock import MS, Clock, clock_from, rfc3339
from outreach.cli.topics import TopicTrouble, create_topics
from outreach.playbook.load import load_folder
from outreach.stream.codec import decode

from deploy.embedded.plan import ROOT
from deploy.reliability.load import Load
from deploy.reliability.nodes import Node
from deploy.reliability.oracle import Found, Oracle, Verdict
from deploy.reliability.tail import Tail
from deploy.reliability.waiting import until
from deploy.reliability.workers import Worker, gone

PARTITIONS = 4
PER_SECOND = 100
PLAYBOOK = ROOT / "playbook"
SPEED = 86_400 / 2  # a day in two seconds
GRACE_S = 5.0  # long enough for an acknowledgement while the broker restarts: what comes later than its tick could not be decided in its order
PATIENCE_S = 90.0


@dataclass
class Scene:
    """`recoveries` are the seconds from each death until everything accepted by then was decided; `kills` counts those deaths."""

    node: Node
    workers: tuple[Worker, Worker]
    clock: Clock
    load: Load
    tail: Tail
    oracle: Oracle
    kills: int = 0
    recoveries: list[float] = field(default_factory=list)
    missed: Counter[str] = field(default_factory=Counter)

    async def recovered(self, died: float, ends: Counter[int]) -> None:
        """Waits until everything before `ends` is decided; `died` is the monotonic second of the death."""
        await until(lambda: self.tail.worked_off(ends), "everything accepted by then is decided", PATIENCE_S, self.standing)
        self.recoveries.append(time.monotonic() - died)

    async def calm(self) -> None:
        """Waits until both workers decide."""
        for worker in self.workers:
            if not worker.running:
                worker.start()
        for worker in self.workers:
            await worker.ready()

    async def judged(self) -> Verdict:
        """Pauses the load, waits until all is decided that is due, and compares with the oracle."""
        await self.load.pause()
        upto = self.clock.now()
        await self.calm()
        await until(
            lambda: self.tail.read_upto(self.load.ends) and self.tail.worked_off(self.load.ends), "every accepted event is decided", PATIENCE_S, self.standing
        )
        await until(lambda: not self._due(upto), "everything due is worked off", PATIENCE_S, self.standing)
        for partition, records in self.tail.events.items():
            self.oracle.read(partition, records)
        found = Found(self.load.accepted, self.tail.outputs, self.tail.customers, self.tail.dead)
        return self.oracle.compare(found, upto, self.clock.now())

    def standing(self) -> str:
        """How far everything is, for whoever has to find out why it does not go on."""
        read = {partition: records[-1].offset + 1 for partition, records in self.tail.events.items() if records}
        done = {partition: (mark.events, mark.ticks) for partition, mark in self.tail.marks.items()}
        return (
            f"accepted up to {dict(self.load.ends)}, read up to {read}, worked off up to {done}, running {[each.name for each in self.workers if each.running]}"
        )

    def _due(self, upto: int) -> bool:
        agenda = (decode(raw).agenda for raw in self.tail.customers.values())
        return any(moment is not None and moment <= upto for moment in agenda)


@asynccontextmanager
async def staged(node: Node, folder: Path) -> AsyncIterator[Scene]:
    """A scene whose workers decide and whose load flows; everything ends with the block."""
    kafka = f"127.0.0.1:{node.port}"
    clock = f"2026-03-02T09:00:00Z@{SPEED:g}x@{rfc3339(round(time.time() * MS))}"
    told = {"CARE_KAFKA": kafka, "CARE_PARTITIONS": str(PARTITIONS), "CARE_CLOCK": clock, "CARE_PLAYBOOK": str(PLAYBOOK), "CARE_TICK_GRACE": f"{GRACE_S:g}"}
    workers = (Worker("a", folder, told | dict(node.told)), Worker("b", folder, told | dict(node.told) | dict(node.second)))
    scene = Scene(
        node, workers, clock_from(clock), Load(kafka, clock_from(clock), PER_SECOND, GRACE_S), Tail(kafka, PARTITIONS), Oracle(load_folder(PLAYBOOK).playbook)
    )
    await node.start()
    tasks: list[asyncio.Task[None]] = []
    try:
        await until(lambda: _topics_there(kafka), "the topics are there", PATIENCE_S)
        await scene.calm()
        tasks += [asyncio.create_task(scene.tail.run()), asyncio.create_task(scene.load.run())]
        await until(lambda: scene.tail.worked_off(Counter(dict.fromkeys(range(PARTITIONS), 1))), "a playbook is active in each partition", PATIENCE_S)
        scene.load.flow()
        yield scene
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await gone(*workers)
        await node.stop()


async def _topics_there(kafka: str) -> bool:
    """A busy broker knows of what it has created a moment later."""
    try:
        await create_topics(kafka, PARTITIONS)
    except TopicTrouble:
        return False
    return True
