"""The supervisor: what dies is started again, what ends is ended wholly."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from deploy.embedded.program import NotReady, Program, until_ready
from deploy.embedded.supervisor import Died, Supervisor
from tests.waiting import until

SLEEPS = "import time\nprint('here', flush=True)\ntime.sleep(60)"
PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""


def program(code: str, *, restart: bool = True) -> Program:
    return Program("it", (sys.executable, "-c", code), dict(os.environ), restart=restart)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_killed_program_is_started_again(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path)
    await supervisor.start(program(SLEEPS))
    await until(lambda: supervisor.log("it").read_text() == "here\n")
    first = supervisor.pid("it")
    supervisor.kill("it")
    await until(lambda: supervisor.log("it").read_text() == "here\nhere\n")
    assert supervisor.pid("it") != first
    assert supervisor.restarts["it"] == 1
    await supervisor.stop()


async def test_the_end_of_what_cannot_be_started_again_ends_the_work_with_its_log(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path)
    await supervisor.start(program("print('out of memory'); raise SystemExit(3)", restart=False))
    with pytest.raises(Died, match=r"it ended with 3.*\nout of memory"):
        await supervisor.while_running(asyncio.Event().wait())
    await supervisor.stop()


async def test_stopping_leaves_nobody_behind_not_even_grandchildren(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path)
    await supervisor.start(program(PARENT))
    await until(lambda: supervisor.log("it").read_text().endswith("\n"))
    grandchild, child = int(supervisor.log("it").read_text()), supervisor.pid("it")
    await supervisor.stop()
    await until(lambda: not alive(child) and not alive(grandchild))


async def test_a_program_that_never_answers_is_named_with_its_log(tmp_path: Path) -> None:
    log = tmp_path / "it.log"
    log.write_text("cannot bind\n")
    with pytest.raises(NotReady, match=r"it: expected tcp:1 .*\ncannot bind"):
        await until_ready(Program("it", (), ready="tcp:1"), log, 0.1)
