"""Whatever dies: every event is decided exactly once in the state, its output is there, and timers are never early."""

import asyncio
import json
import shutil
import signal
import time
from functools import partial

from care_contracts.topics import DEAD

from tests.outreach.stream.processes import Log, Place, until, worker
from tests.waiting import until as soon


def has_sent(log: Log, many: int) -> bool:
    return len(log.ids) >= many


async def test_killed_in_the_middle_and_started_again_nothing_is_lost_or_counted_twice(place: Place, log: Log) -> None:
    for many in (600, 1200, 1800):
        with worker(place, "a") as one:
            until(one.ready)
            target = len(log.ids) + many
            sending = asyncio.create_task(log.send(3000, pause=0.02))
            await soon(partial(has_sent, log, target))
            one.process.kill()
            await sending
    with worker(place, "a") as one:
        until(one.ready)
        await log.all_decided()
        assert one.end(signal.SIGTERM) == 0
    await log.assert_each_decided_once()


async def test_a_second_worker_joins_and_leaves_while_events_come(place: Place, log: Log) -> None:
    with worker(place, "a") as one:
        until(one.ready)
        sending = asyncio.create_task(log.send(15_000, pause=0.1))
        with worker(place, "b") as other:
            await asyncio.to_thread(until, other.ready)
            assert await asyncio.to_thread(other.end, signal.SIGTERM) == 0
        await sending
        await log.all_decided()
        assert one.end(signal.SIGTERM) == 0
    await log.assert_each_decided_once()
    outputs = await log.outputs()
    assert len(outputs) == len(set(outputs)), "a graceful change of owners repeats nothing"


async def test_a_lost_database_is_recovered_from_the_changelog(place: Place, log: Log) -> None:
    with worker(place, "a") as one:
        until(one.ready)
        await log.send(500)
        await log.all_decided()
        assert one.end(signal.SIGTERM) == 0
    shutil.rmtree(place.folder / "a")
    with worker(place, "a") as one:
        until(one.ready)
        await log.send(500)
        await log.all_decided()
    await log.assert_each_decided_once()


async def test_timers_fire_once_after_a_restart_and_none_is_early(place: Place, log: Log) -> None:
    due = round(time.time() * 1000) + 3000
    with worker(place, "a") as one:
        until(one.ready)
        await log.send(100, customers=100, due=due)
        await log.all_decided()
        one.end(signal.SIGKILL)
    with worker(place, "a"):
        fired = await log.timers(100)
    assert len({each.key for each in fired}) == len(fired) == 100
    assert min(each.timestamp for each in fired) >= due
    assert all(int(each.value.split(b":")[2]) >= due for each in fired)


async def test_a_dead_letter_keeps_its_bytes_and_says_where_it_came_from_and_why(place: Place, log: Log) -> None:
    with worker(place, "a") as one:
        until(one.ready)
        await log.send(1, poison=True)
        await log.send(3)
        await log.all_decided()
        assert one.end(signal.SIGTERM) == 0
    (dead,) = await log.read(DEAD.name)
    headers = dict(dead.headers)
    assert (dead.key, json.loads(dead.value)) == (b"c0", {"id": "e0", "poison": True})
    assert (headers["care-topic"], headers["care-offset"], headers["care-why"]) == (b"care.events", b"0", b"poison on purpose")


async def test_too_many_dead_records_in_a_row_stop_the_process_with_the_last_ones_unacknowledged(place: Place, log: Log) -> None:
    with worker(place, "a", dead_in_a_row=5) as one:
        until(one.ready)
        await log.send(40, customers=1, poison=True)
        assert one.process.wait(20) == 1
    assert len(await log.read(DEAD.name)) < 40


async def test_a_broken_handler_ends_the_process_and_a_mended_one_goes_on_where_it_broke(place: Place, log: Log) -> None:
    with worker(place, "a") as one:
        until(one.ready)
        await log.send(10)
        await log.all_decided()
        await log.send(1, broken=True)
        assert one.process.wait(20) == 1
    with worker(place, "a") as again:
        assert again.process.wait(30) == 1, "the event is still there"
