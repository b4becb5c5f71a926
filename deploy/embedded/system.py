"""The running system: broker, topics, catcher and services, started in order and ended together."""

import asyncio
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from aiokafka.errors import KafkaConnectionError
from outreach.cli.topics import create_topics

from deploy.embedded import broker, services
from deploy.embedded.plan import Plan
from deploy.embedded.program import Program, until_ready
from deploy.embedded.supervisor import Supervisor

READY_S = 60.0


@dataclass(frozen=True)
class System:
    """What runs, by what plan, on which broker."""

    plan: Plan
    broker: broker.Broker
    supervisor: Supervisor

    def resident_mb(self) -> float:
        """Resident memory of the four services together, in MB (0 where /proc does not exist)."""
        return sum(_resident_kb(self.supervisor.pid(name)) for name in services.SERVICES) / 1024


def _resident_kb(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/status") as status:  # noqa: PTH123 - a line at a time, no path to join
            return next((int(line.split()[1]) for line in status if line.startswith("VmRSS:")), 0)
    except FileNotFoundError:
        return 0


def _run(*commands: tuple[str, ...]) -> None:
    for command in commands:
        done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            raise broker.NoBroker(f"{' '.join(command)} ended with {done.returncode}: {done.stdout[-2000:]}")


async def _start(supervisor: Supervisor, *programs: Program) -> None:
    for program in programs:
        await supervisor.start(program)
    ready = asyncio.gather(*(until_ready(program, supervisor.log(program.name), READY_S) for program in programs))
    await supervisor.while_running(ready)


@asynccontextmanager
async def running(plan: Plan, on: broker.Broker | None = None) -> AsyncIterator[System]:
    """The whole system, ready, with a broker of the plan's kind or `on` the given one; whatever happens inside, every process is gone afterwards."""
    logs = plan.folder / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    supervisor = Supervisor(logs)
    chosen = on or broker.choose(plan.broker, plan.ports.kafka, plan.folder / "kafka")
    plan = replace(plan, extra={**chosen.told, **plan.extra})
    try:
        await asyncio.to_thread(_run, *chosen.before)
        await _start(supervisor, *([chosen.program] if chosen.program else []))
        await _create_topics(plan)
        plan = plan.anchored()
        await _start(supervisor, services.catcher(plan), *services.services(plan))
        yield System(plan, chosen, supervisor)
    finally:
        await supervisor.stop()
        await asyncio.to_thread(_run, *chosen.after)


async def _create_topics(plan: Plan) -> None:
    """As soon as the broker answers: a container's port is open before there is somebody behind it."""
    until = time.monotonic() + READY_S
    while True:
        try:
            await create_topics(plan.kafka, plan.partitions)
        except KafkaConnectionError:
            if time.monotonic() > until:
                raise
            await asyncio.sleep(0.5)
        else:
            return
