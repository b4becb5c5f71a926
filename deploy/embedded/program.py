"""A program to be run: what to start, with which environment, where its log goes and how to see that it is ready."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx


@dataclass(frozen=True)
class Program:
    """`ready` is a URL that answers 200 when the program is of use, or `tcp:PORT`; `restart` is False where a new start would be of no use."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    ready: str = ""
    restart: bool = True


class NotReady(RuntimeError):
    """A program did not become ready in time; the message ends with the last lines of its log."""


def log_tail(path: Path, lines: int = 15) -> str:
    """The last lines of a log, for an error message."""
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else "(no log)"


async def _answers(ready: str, client: httpx.AsyncClient) -> bool:
    if ready.startswith("tcp:"):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", int(ready[4:]))
        except OSError:
            return False
        writer.close()
        return True
    try:
        return (await client.get(ready, timeout=2)).status_code == 200
    except httpx.HTTPError:
        return False


async def until_ready(program: Program, log: Path, seconds: float) -> None:
    """Waits until `program` answers; raises NotReady after `seconds`."""
    end = time.monotonic() + seconds
    async with httpx.AsyncClient(trust_env=False) as client:
        while program.ready and not await _answers(program.ready, client):
            if time.monotonic() > end:
                raise NotReady(f"{program.name}: expected {program.ready} to answer within {seconds:g} s, it did not; {log} ends with\n{log_tail(log)}")
            await asyncio.sleep(0.05)
