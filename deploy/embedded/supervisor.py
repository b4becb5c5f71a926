"""Keeps programs running: each in its own process group with its log in a file, started again with backoff when it dies, ended by id."""

import asyncio
import os
import signal
import time
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import Awaitable
from contextlib import suppress
from pathlib import Path
from typing import IO

from deploy.embedded.program import Program, log_tail

FIRST_BACKOFF_S = 0.2
LONGEST_BACKOFF_S = 5.0
STEADY_S = 10.0  # who ran this long begins again with the first backoff
GRACE_S = 10.0  # from SIGTERM to SIGKILL


class Died(RuntimeError):
    """A program that cannot be started again (the memory-only broker) has ended by itself."""


class Supervisor:
    """Those that can be started again end first, together; then what they stood on. `while_running` tells when the whole cannot go on."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._programs: dict[str, Program] = {}
        self._processes: dict[str, Process] = {}
        self._watches: dict[str, asyncio.Task[None]] = {}
        self._stopping = False
        self.restarts: Counter[str] = Counter()
        self._failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def log(self, name: str) -> Path:
        """Where the program writes."""
        return self._logs / f"{name}.log"

    def pid(self, name: str) -> int:
        """The process id, which is also the id of its process group."""
        return self._processes[name].pid

    async def start(self, program: Program) -> None:
        """Starts `program` and watches it from now on."""
        self._programs[program.name] = program
        self._processes[program.name] = await self._spawn(program)
        self._watches[program.name] = asyncio.create_task(self._watch(program), name=f"watch {program.name}")

    def kill(self, name: str) -> None:
        """SIGKILL to the program's process group, as a crash would; it is started again."""
        self._signal(self._processes[name], signal.SIGKILL)

    async def while_running(self, work: Awaitable[object]) -> None:
        """Awaits `work`, but no longer than the whole can go on: raises Died when a program that cannot be started again ends."""
        task = asyncio.ensure_future(work)
        try:
            await asyncio.wait((task, self._failure), return_when=asyncio.FIRST_COMPLETED)
            await (self._failure if self._failure.done() else task)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def stop(self) -> None:
        """Ends every program: SIGTERM, then SIGKILL to whoever is still there after the grace time."""
        self._stopping = True
        for again in (True, False):
            await asyncio.gather(*(self._end(self._processes[name]) for name, program in self._programs.items() if program.restart is again))
        await asyncio.gather(*self._watches.values(), return_exceptions=True)
        if self._failure.done():
            self._failure.exception()

    async def _spawn(self, program: Program) -> Process:
        with self.log(program.name).open("ab") as log:
            return await self._exec(program, log)

    async def _exec(self, program: Program, log: IO[bytes]) -> Process:
        return await asyncio.create_subprocess_exec(
            *program.argv, env=dict(program.env) or None, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )

    async def _watch(self, program: Program) -> None:
        backoff = FIRST_BACKOFF_S
        while True:
            began = time.monotonic()
            code = await self._processes[program.name].wait()
            if self._stopping:
                return
            if not program.restart:
                self._fail(Died(f"{program.name} ended with {code}; its log ends with\n{log_tail(self.log(program.name))}"))
                return
            backoff = FIRST_BACKOFF_S if time.monotonic() - began > STEADY_S else min(backoff * 2, LONGEST_BACKOFF_S)
            self.restarts[program.name] += 1
            await asyncio.sleep(backoff)
            if not self._stopping:
                self._processes[program.name] = await self._spawn(program)

    def _fail(self, error: Exception) -> None:
        if not self._failure.done():
            self._failure.set_exception(error)

    async def _end(self, process: Process) -> None:
        self._signal(process, signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), GRACE_S)
        except TimeoutError:
            print(f"process {process.pid} did not end within {GRACE_S:g} s of SIGTERM and is killed")
        finally:
            self._signal(process, signal.SIGKILL, whole_group=True)
            await process.wait()

    @staticmethod
    def _signal(process: Process, number: signal.Signals, *, whole_group: bool = False) -> None:
        if process.returncode is None or whole_group:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
