"""The deciders or couriers of a run as real processes: started, armed, killed, stopped, starved."""

import asyncio
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from deploy.embedded.ports import free_port
from deploy.embedded.program import log_tail
from deploy.reliability.waiting import until

_WAL_ROOM = 4096


@dataclass
class Worker:
    """`python -m outreach decide` (or another `verb`) with a state folder and a port of its own; each start has a log of its own."""

    name: str
    folder: Path
    told: Mapping[str, str]
    port: int = field(default_factory=free_port)
    verb: str = "decide"
    starts: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """That of the last start."""
        return self.folder / f"{self.name}-{self.starts}.log"

    @property
    def state(self) -> Path:
        """Its RocksDB databases."""
        return self.folder / f"state-{self.name}"

    def start(self, fault: str = "", **told: str) -> None:
        """Returns at once. `fault` as in outreach.faults; `told` are further variables."""
        self.starts += 1
        own = {"CARE_STATE_DIR": str(self.state), "CARE_OPS_PORT": str(self.port), "CARE_FAULT": fault}
        env = os.environ | dict(self.told) | own | told
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([sys.executable, "-m", "outreach", self.verb], env=env, stdout=log, stderr=log)

    @property
    def running(self) -> bool:
        """Whether it is still a process."""
        return self.process is not None and self.process.poll() is None

    @property
    def stopped(self) -> bool:
        """Whether SIGSTOP holds it (proc(5): the state T)."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text() if self.process else ""
        return stat.rpartition(")")[2].split()[:1] == ["T"]

    async def ready(self, within_s: float = 60) -> None:
        """Waits until it works; raises when it ends instead."""
        async with httpx.AsyncClient(trust_env=False) as client:
            await until(lambda: self._answers(client), f"{self.name} is ready", within_s)

    async def dead(self, within_s: float = 60) -> int:
        """Waits for its end, and gives the exit code (negative: the signal)."""
        await until(lambda: not self.running, f"{self.name} is dead", within_s)
        return self.process.returncode if self.process else 0

    async def end(self) -> None:
        """SIGTERM; everything under way is finished."""
        self.send(signal.SIGTERM)
        await self.dead()

    def send(self, number: signal.Signals) -> None:
        """The signal, if it still runs."""
        if self.running and self.process:
            self.process.send_signal(number)

    def lose_state(self) -> None:
        """Its disk is gone."""
        shutil.rmtree(self.state, ignore_errors=True)

    def fill_disk(self) -> None:
        """No file of its may grow by more than some KB from now on (EFBIG, which RocksDB takes as it takes ENOSPC)."""
        if self.process:
            largest = max((path.stat().st_size for path in self.state.rglob("*.log")), default=0)
            resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (largest + _WAL_ROOM, resource.RLIM_INFINITY))

    async def _answers(self, client: httpx.AsyncClient) -> bool:
        if not self.running:
            raise RuntimeError(f"{self.name} ended instead of becoming ready; its log ends with\n{log_tail(self.log)}")
        try:
            return (await client.get(f"http://127.0.0.1:{self.port}/readyz", timeout=2)).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False


async def gone(*workers: Worker) -> None:
    """Whatever state they are in."""
    for worker in workers:
        worker.send(signal.SIGKILL)
    for worker in workers:
        await asyncio.wait_for(worker.dead(), 10)
