"""When a process counts as stalled."""

import asyncio

import pytest
from aiokafka.errors import KafkaConnectionError
from outreach.stream.pulse import Pulse, Stalled, watch


def test_progress_keeps_a_process_alive() -> None:
    pulse = Pulse(stall_timeout=10, since=0)
    assert pulse.beat(9, progress=1, idle=False)
    assert pulse.beat(18, progress=2, idle=False)
    assert pulse.beat(27, progress=3, idle=False)


def test_standing_still_is_fine_when_there_is_nothing_to_do() -> None:
    pulse = Pulse(stall_timeout=10, since=0, progress=1)
    assert pulse.beat(100, progress=1, idle=True)


def test_standing_still_with_work_to_do_is_a_stall_after_the_timeout() -> None:
    pulse = Pulse(stall_timeout=10, since=0, progress=1)
    assert pulse.beat(10, progress=1, idle=False)
    assert not pulse.beat(10.1, progress=1, idle=False)


async def test_the_watch_ends_a_stalled_process() -> None:
    async def lag() -> int:
        return 5

    with pytest.raises(Stalled, match="no progress"):
        await asyncio.wait_for(watch(Pulse(0.05, 0.0), lambda: "offset 7", lag, interval=0.01), 5)


async def test_a_broker_that_is_away_is_not_a_stall() -> None:
    asked = 0

    async def lag() -> int:
        nonlocal asked
        asked += 1
        raise KafkaConnectionError

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(watch(Pulse(0.05, 0.0), lambda: "offset 7", lag, interval=0.01), 0.3)
    assert asked > 1
