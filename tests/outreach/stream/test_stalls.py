"""A worker that silently stands still ends itself, in time to be started again within half a minute."""

import time
from pathlib import Path

import pytest

from tests.outreach.stream.processes import Log, Place, until, worker

STALLED = Path(__file__).with_name("stalled.py")


@pytest.mark.parametrize("place", [pytest.param("embedded", marks=pytest.mark.embedded)], indirect=True)
@pytest.mark.parametrize("where", ["fetch", "loop"])
async def test_a_silent_stall_is_noticed_and_the_process_ends_within_half_a_minute(place: Place, log: Log, where: str) -> None:
    with worker(place, "a", STALLED) as one:
        until(one.ready)
        await log.send(1, stall=where)
        stalled = time.monotonic()
        await log.send(100)
        assert one.process.wait(30) == 1
        assert time.monotonic() - stalled < 27, "a supervisor needs a moment, too"
    assert "no progress" in one.log.read_text()
    with worker(place, "a"):
        await log.all_decided()
    await log.assert_each_decided_once()
