"""A decider as it runs in production, started for a measurement: `python -m outreach decide` with a clock that the measurement chooses."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from deploy.bench.decide.ground import Ground
from deploy.bench.decide.rows import environment
from deploy.embedded.plan import ROOT
from deploy.embedded.ports import free_port

READY_S = 600.0
_USER, _AFTER = 11, 13  # of the fields behind the name in /proc/PID/stat: user and system time


@dataclass(frozen=True)
class Worker:
    """The process and where its operators' port is."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def ready(self) -> bool:
        """Whether it decides; raises RuntimeError when it has ended."""
        if self.process.poll() is not None:
            raise RuntimeError(f"the decider ended: {self.log.read_text(errors='replace')[-2000:]}")
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/readyz", timeout=5).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def until_ready(self) -> None:
        """Returns as soon as it decides; raises TimeoutError."""
        until = time.monotonic() + READY_S
        while not self.ready():
            if time.monotonic() > until:
                raise TimeoutError(f"not ready within {READY_S:.0f} s: {self.log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)

    def metric(self, name: str) -> float:
        """The sum over all labels of a Prometheus metric."""
        lines = httpx.get(f"http://127.0.0.1:{self.port}/metrics", timeout=5).text.splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.split("{")[0].split(" ")[0] == name)

    def peak_mb(self) -> int:
        """The most memory it had, in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) // 1024

    def cpu_s(self) -> float:
        """The seconds of processor time it has used, all threads together."""
        times = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()[_USER:_AFTER]
        return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")


@contextmanager
def deciding(ground: Ground, state: Path, clock: str) -> Iterator[Worker]:
    """The shipped playbook's decider with its databases in `state`; asked to end at the end, and killed when it does not."""
    port = free_port()
    told = {"KAFKA": ground.kafka, "STATE_DIR": str(state), "OPS_PORT": str(port), "PLAYBOOK": str(ROOT / "playbook"), "CLOCK": clock, "LOG_LEVEL": "warning"}
    told |= {name.upper(): str(value) for name, value in ground.told.items() if name != "idempotence"}
    told |= {"KAFKA_IDEMPOTENCE": str(ground.told.get("idempotence", False))}
    log = state.with_suffix(".log")
    with log.open("ab") as output:
        env = environment() | {f"CARE_{name}": value for name, value in told.items()}
        process = subprocess.Popen((sys.executable, "-m", "outreach", "decide"), stdout=output, stderr=output, env=env)
    try:
        yield Worker(process, port, log)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
