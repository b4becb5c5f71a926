"""When a process counts as stalled."""

import asyncio

import pytest
from aiokafka.errors import KafkaConnectionError
from outreach.stream.pulse import Doing, Pulse, Stalled, watch


def test_progress_keeps_a_process_alive() -> None:
    pulse = Pulse(stall_timeout=10)
    assert [pulse.beat(now, {"a": now}) for now in (0, 9, 18, 27)] == [[]] * 4


def test_standing_still_is_fine_when_there_is_nothing_to_do() -> None:
    pulse = Pulse(stall_timeout=10)
    assert [pulse.beat(0, {"a": 1}), pulse.beat(9, {}), pulse.beat(100, {"a": 1})] == [[], [], []]


def test_standing_still_with_work_to_do_is_a_stall_after_the_timeout() -> None:
    pulse = Pulse(stall_timeout=10)
    assert [pulse.beat(now, {"a": 1}) for now in (0, 10, 10.1)] == [[], [], ["a"]]


def test_a_partition_that_stands_still_is_seen_although_the_others_get_on() -> None:
    pulse = Pulse(stall_timeout=10)
    assert [pulse.beat(now, {"a": 1, "b": now}) for now in (0, 10, 10.1)] == [[], [], ["a"]]


async def test_the_watch_ends_a_stalled_process() -> None:
    async def doing() -> Doing:
        return {"care.events[3]": 7}

    with pytest.raises(Stalled, match=r"no progress for 0 s: care\.events\[3\] at 7"):
        await asyncio.wait_for(watch(Pulse(0.05), doing, interval=0.01), 5)


async def test_a_broker_that_is_away_is_not_a_stall() -> None:
    asked = 0

    async def doing() -> Doing:
        nonlocal asked
        asked += 1
        raise KafkaConnectionError

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(watch(Pulse(0.05), doing, interval=0.01), 0.3)
    assert asked > 1
