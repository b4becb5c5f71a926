"""A worker that silently stands still ends itself, in time to be started again within half a minute."""

import time
from pathlib import Path

import pytest

from tests.outreach.stream.processes import Log, Place, until, worker

STALLED = Path(__file__).with_name("stalled.py")
SLOW_SEEK = Path(__file__).with_name("slow_seek.py")

on_embedded = pytest.mark.parametrize("place", [pytest.param("embedded", marks=pytest.mark.embedded)], indirect=True)


@on_embedded
@pytest.mark.parametrize(("where", "told"), [("fetch", {}), ("loop", {"stall_timeout": 4.0})])
async def test_a_silent_stall_is_noticed_and_the_process_ends_within_half_a_minute(place: Place, log: Log, where: str, told: dict[str, float]) -> None:
    with worker(place, "a", STALLED, **told) as one:
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


@on_embedded
async def test_what_was_fetched_before_the_seek_is_over_is_read_again_although_nothing_comes_behind_it(place: Place, log: Log) -> None:
    with worker(place, "a") as one:
        until(one.ready)
        await log.send(100)
        await log.all_decided()
        one.process.kill()
    await log.send(100)
    with worker(place, "b", SLOW_SEEK) as other:  # it has changelogs to recover, and reads on meanwhile
        until(other.ready)
        await log.all_decided(within=10)
    await log.assert_each_decided_once()
