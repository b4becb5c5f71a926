"""The brokers of a run: Apache Kafka from its jars, which can be killed and come back, and the embedded broker, which cannot."""

import asyncio
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from deploy.embedded.broker import JAVA_SCRIPT, embedded
from deploy.embedded.ports import free_port


class NodeTrouble(RuntimeError):
    """The broker did not do what it was told."""


class Node(Protocol):
    """`told` is what its workers are told because of it, `second` what the second one is told besides; `port` is where it listens."""

    @property
    def told(self) -> Mapping[str, str]:
        """Variables."""

    name: str
    port: int
    second: Mapping[str, str]
    session_s: float

    async def start(self) -> None:
        """Returns when it answers."""

    async def stop(self) -> None:
        """Its end."""


@dataclass
class Jars:
    """Apache Kafka, one node. `proxied` is where it listens for those whom it tells to connect to the port `proxy`."""

    folder: Path
    name: str = "kafka"
    session_s: float = 6.0
    second: Mapping[str, str] = field(default_factory=lambda: {"CARE_GROUP_INSTANCE_ID": "second"})
    port: int = field(default_factory=free_port)
    proxied: int = field(default_factory=free_port)
    proxy: int = field(default_factory=free_port)

    @property
    def told(self) -> Mapping[str, str]:
        """Six seconds is the shortest session that it allows unless told otherwise."""
        return {"CARE_SESSION_TIMEOUT": f"{self.session_s:g}", "CARE_REBALANCE_TIMEOUT": "10", "CARE_KAFKA_IDEMPOTENCE": "true"}

    async def start(self) -> None:
        """Installs the jars when they are missing; raises NodeTrouble."""
        await asyncio.to_thread(self._run, "install")
        await asyncio.to_thread(self._run, "start", str(self.port))

    async def stop(self) -> None:
        """In order."""
        await asyncio.to_thread(self._run, "stop")

    async def crash(self) -> None:
        """SIGKILL."""
        await asyncio.to_thread(self._run, "kill")

    def _run(self, verb: str, *words: str) -> None:
        env = os.environ | {"KAFKA_PROXIED": f"{self.proxied}:{self.proxy}"}
        done = subprocess.run(
            [str(JAVA_SCRIPT), verb, str(self.folder), *words], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, text=True
        )
        if done.returncode:
            raise NodeTrouble(f"{JAVA_SCRIPT.name} {verb} ended with {done.returncode}: {done.stdout[-1000:]}")


@dataclass
class Embedded:
    """The embedded broker: its memory ends with it."""

    name: str = "embedded"
    session_s: float = 3.0
    second: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def told(self) -> Mapping[str, str]:
        """It answers a JoinGroup only when the rebalance timeout is over."""
        return {"CARE_SESSION_TIMEOUT": f"{self.session_s:g}", "CARE_REBALANCE_TIMEOUT": "3", "CARE_FETCH_WAIT": "0.02"}

    async def start(self) -> None:
        """Returns when it listens."""
        program = embedded(self.port).program
        if program is None:
            raise NodeTrouble("expected the embedded broker to be a program of its own")
        self.process = subprocess.Popen(program.argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: ASYNC220 - returns at once
        async with asyncio.timeout(20):
            while free_port(self.port) == self.port:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """SIGKILL: it has nothing to keep."""
        if self.process:
            self.process.kill()
            await asyncio.to_thread(self.process.wait)
