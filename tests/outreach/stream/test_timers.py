"""When a tick is sent: when something is due, not before, one at a time, and whatever the clock does."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from outreach.stream.batch import agenda_key
from outreach.stream.keys import Marker, table_changes
from outreach.stream.lane import Lane
from outreach.stream.metrics import StreamMetrics
from outreach.stream.rocks import Rocks
from outreach.stream.settings import StreamSettings
from outreach.stream.store import Store
from outreach.stream.ticks import Tick
from outreach.stream.timers import Timers
from prometheus_client import CollectorRegistry

NOON = 1_767_225_600_000
GRACE = 2000


@dataclass
class Hand:
    """A clock that is set by hand."""

    moment: int = NOON
    speed: float = 1.0

    def now(self) -> int:
        return self.moment


@dataclass
class Partition:
    """What of a running lane the timers look at."""

    lane: Lane
    store: Store


@dataclass
class Log:
    """The broker: every partition of care.events ends at 7; ticks are kept as they come."""

    ticks: list[tuple[int, Tick]] = field(default_factory=list)

    async def of(self, sources: Any) -> dict[Any, int]:
        return dict.fromkeys(sources, 7)

    def packed(self, records: Any) -> Any:
        return records

    async def write(self, topic: str, partition: int, records: Any) -> None:
        assert topic == "care.ticks"
        self.ticks += [(partition, Tick.decoded(record.value)) for record in records]


class Scene:
    """Two partitions and their timers."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.log, self.registry = Hand(), Log(), CollectorRegistry()
        rocks = Rocks()
        self.running = {number: Partition(Lane(number, Marker(), 10, 1000), Store(rocks.open(folder / str(number)), b"offset")) for number in range(2)}
        settings = StreamSettings("", 2, folder, tick_grace=GRACE / 1000)
        fakes: Any = self
        log: Any = self.log
        self.timers = Timers(settings, fakes, log, log, fakes.clock, StreamMetrics(self.registry))

    def arm(self, due: int, partition: int = 0) -> None:
        self.running[partition].store.write(table_changes({}, {agenda_key(due, b"c1"): b""}, None, Marker()), 1)

    async def ticks(self, now: int) -> list[tuple[int, Tick]]:
        """Those that a look at this moment leads to."""
        self.clock.moment, self.log.ticks = now, []
        await self.timers.look()
        return self.log.ticks

    def oldest(self) -> Any:
        return self.registry.get_sample_value("care_stream_oldest_due_seconds")


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


async def test_a_tick_comes_when_the_grace_after_the_due_moment_is_over_and_never_reaches_beyond_it(scene: Scene) -> None:
    scene.arm(NOON)
    assert await scene.ticks(NOON - 1) == []
    assert await scene.ticks(NOON + GRACE - 1) == []
    assert await scene.ticks(NOON + GRACE + 300) == [(0, Tick(NOON + 300, 7))]


async def test_there_is_one_tick_at_a_time_and_partitions_do_not_wait_for_each_other(scene: Scene) -> None:
    scene.arm(NOON)
    assert len(await scene.ticks(NOON + GRACE)) == 1
    scene.arm(NOON, partition=1)
    assert [partition for partition, _ in await scene.ticks(NOON + 2 * GRACE)] == [1]
    scene.running[0].lane.ticking = False
    assert [partition for partition, _ in await scene.ticks(NOON + 3 * GRACE)] == [0]


async def test_a_clock_that_is_set_back_brings_nothing_early_and_loses_nothing(scene: Scene) -> None:
    scene.arm(NOON)
    assert await scene.ticks(NOON - 3_600_000) == []
    assert scene.oldest() == 0
    assert await scene.ticks(NOON + GRACE) == [(0, Tick(NOON, 7))]


async def test_how_late_the_most_overdue_timer_is_can_be_seen(scene: Scene) -> None:
    scene.arm(NOON)
    scene.arm(NOON - 40_000, partition=1)
    await scene.ticks(NOON)
    assert scene.oldest() == 40
