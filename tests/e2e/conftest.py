"""Careloop as docker compose runs it, in a project and on ports of its own; with CARELOOP_COMPOSE=1, since it needs a Docker engine and minutes."""

import os
import secrets
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import pytest
from care_contracts.clock import Clock, clock_from, rfc3339

from deploy.embedded.ports import free_port
from tests.e2e.inboxes import Mailpit
from tests.e2e.story import A_DAY_IN_THREE_SECONDS, World

ROOT = Path(__file__).resolve().parents[2]
UP = ("up", "--detach", "--wait")


def clock_now() -> str:
    """CARE_CLOCK for a system that begins now, on a Monday morning."""
    return f"2026-03-02T10:00:00Z@{A_DAY_IN_THREE_SECONDS}x@{rfc3339(round(time.time() * 1000))}"


@dataclass(frozen=True)
class Composed:
    """A compose project; its ports and secrets are its own, everything else is what .env.example says."""

    project: str = field(default_factory=lambda: f"careloop-test-{secrets.token_hex(3)}")
    key: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    clock: str = field(default_factory=clock_now)
    ports: dict[str, int] = field(default_factory=lambda: {name: free_port() for name in ("INGEST_PORT", "FEEDBACK_PORT", "MAILPIT_PORT", "KAFKA_PORT")})

    def run(self, *words: str) -> str:
        """What `docker compose WORDS` prints; fails with all of it when it fails."""
        told = {name: str(port) for name, port in self.ports.items()} | {
            "CARE_CLOCK": self.clock,
            "CARE_API_KEYS": f"test:{sha256(self.key.encode()).hexdigest()}",
            "CARE_PUBLIC_URL": self._url("FEEDBACK_PORT"),
        }
        command = ["docker", "compose", "--project-name", self.project, "--env-file", ".env.example", *words]
        done = subprocess.run(command, cwd=ROOT, env=os.environ | told, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, text=True)
        assert done.returncode == 0, f"docker compose {' '.join(words)} ended with {done.returncode}:\n{done.stdout[-8000:]}"
        return done.stdout

    def world(self) -> World:
        """What the story needs to know of it."""
        clock: Clock = clock_from(self.clock)
        return World(self._url("INGEST_PORT"), f"127.0.0.1:{self.ports['KAFKA_PORT']}", self.key, clock, Mailpit(self._url("MAILPIT_PORT")))

    def _url(self, port: str) -> str:
        return f"http://127.0.0.1:{self.ports[port]}"


@pytest.fixture(scope="session")
def composed() -> Iterator[Composed]:
    """The whole system, built, up and healthy; gone with its volumes afterwards. Its logs are printed when it does not come up."""
    if os.environ.get("CARELOOP_COMPOSE") != "1":
        pytest.skip("docker compose is tried with CARELOOP_COMPOSE=1")
    composed = Composed()
    try:
        composed.run(*UP, "--build")
        yield composed
    finally:
        print(composed.run("logs", "--no-color", "--tail", "40"))  # noqa: T201 - pytest shows it when something failed
        composed.run("down", "--volumes", "--timeout", "10")
