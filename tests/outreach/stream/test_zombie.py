"""A worker that sleeps through its session in the middle of a batch wakes up beside the new owner of its partitions."""

import asyncio
import signal

import pytest

from tests.outreach.stream.processes import Log, Place, until, worker

on_kafka = pytest.mark.parametrize("place", [pytest.param("kafka", marks=pytest.mark.kafka)], indirect=True)


@on_kafka
async def test_a_worker_that_slept_in_the_middle_of_a_batch_does_not_write_its_old_state_when_it_wakes_up(place: Place, log: Log) -> None:
    asleep = place.folder / "asleep"
    with worker(place, "a") as sleeper:
        until(sleeper.ready)
        await log.send(1, customers=1, sleep=str(asleep))
        until(asleep.exists)
        with worker(place, "b") as other:
            await asyncio.to_thread(until, other.ready)
            await log.send(20, customers=1)
            await log.all_decided()
            sleeper.process.send_signal(signal.SIGCONT)
            await asyncio.to_thread(until, lambda: sleeper.process.poll() is not None or sleeper.ready())
            await asyncio.to_thread(until, other.ready)
            await log.all_decided(within=5)
            assert other.end(signal.SIGTERM) == 0
    await log.assert_each_decided_once()


@on_kafka
async def test_a_changelog_batch_that_was_on_its_way_when_its_worker_fell_asleep_does_not_take_customers_back(place: Place, log: Log) -> None:
    with worker(place, "a", fault="changelog-half-written:2:STOP") as sleeper:
        until(sleeper.ready)
        await log.send(1, customers=1)
        await log.all_decided()
        await log.send(1, customers=1)
        with worker(place, "b") as other:
            await asyncio.to_thread(until, other.ready)
            await log.send(20, customers=1)
            await log.all_decided()
            sleeper.process.send_signal(signal.SIGCONT)
            await asyncio.to_thread(until, lambda: sleeper.process.poll() is not None or sleeper.ready())
            assert other.end(signal.SIGTERM) == 0
    assert (await log.counts())[b"c0"] == 2, "its batch came behind those of its successor, or this test shows nothing"
    with worker(place, "c") as third:
        until(third.ready)
        await log.send(1, customers=1)
        await log.all_decided()
    await log.assert_each_decided_once()
