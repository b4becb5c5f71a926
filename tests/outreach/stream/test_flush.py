"""The order in which a batch takes effect, and what happens when it cannot."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from outreach.stream.batch import Batch, Dead, Outcome, Output, agenda_key
from outreach.stream.dead import TooManyDead
from outreach.stream.faults import Point
from outreach.stream.flush import Flush, NoProgress
from outreach.stream.keys import Marker
from outreach.stream.lane import Lane
from outreach.stream.metrics import StreamMetrics
from outreach.stream.rocks import Rocks
from outreach.stream.store import Store
from outreach.stream.writer import Packed, Record, TooLarge
from prometheus_client import CollectorRegistry

from tests.outreach.stream.records import events, tick

CHANGELOG = "state-changelog"


@dataclass
class Paper:
    """Writes down what is written, instead of a broker; a record batch holds `room` records."""

    room: int = 100
    written: list[tuple[str, int, Sequence[Record]]] = field(default_factory=list)
    before: Callable[[str], None] = lambda _: None

    def packed(self, records: Sequence[Record]) -> Packed:
        batches: list[Any] = [records[at : at + self.room] for at in range(0, len(records), self.room)]
        return Packed(records, batches)

    async def write(self, topic: str, partition: int, packed: Packed, _under_way: Point | None = None) -> int:
        self.before(topic)
        self.written.append((topic, partition, packed.records))
        return 1000 + len(self.written)

    @property
    def topics(self) -> list[str]:
        return [topic for topic, _, _ in self.written]


@dataclass
class Scene:
    """One partition with a handler."""

    handler: Callable[[Batch], Outcome]
    folder: Path
    paper: Paper = field(default_factory=Paper)
    dead_at_most: int = 3

    def __post_init__(self) -> None:
        self.store = Store(Rocks().open(self.folder / "p"), b"offset")
        self.lane = Lane(0, Marker(), 10, 10_000)
        metrics = StreamMetrics(CollectorRegistry())
        self.flush = Flush(self.handler, self.paper, metrics, CHANGELOG, self.dead_at_most)  # type: ignore[arg-type]  # Paper stands for the Writer

    async def work_off(self) -> None:
        while work := self.lane.next():
            await self.flush.work_off(self.lane, self.store, work)


def keep(batch: Batch) -> Outcome:
    """Remembers the last offset of each customer and says it."""
    outcome = Outcome()
    for record in batch.records:
        outcome.customers[record.key or b""] = b"%d" % record.offset
        outcome.outputs.append(Output("care.outreach", record.key or b"", b"%d" % record.offset))
    return outcome


async def test_outputs_are_acknowledged_before_the_changelog_and_that_before_the_database(tmp_path: Path) -> None:
    scene = Scene(keep, tmp_path)
    stored: list[bytes | None] = []
    scene.paper.before = lambda _: stored.append(scene.store.customer(b"c0"))
    scene.lane.events(events(0, 1))
    await scene.work_off()
    assert scene.paper.topics == ["care.outreach", CHANGELOG]
    assert stored == [None, None]
    assert (scene.store.customer(b"c0"), scene.store.marker()) == (b"0", Marker(events=2))


async def test_a_changelog_that_fails_leaves_the_batch_undone(tmp_path: Path) -> None:
    def fail(topic: str) -> None:
        if topic == CHANGELOG:
            raise OSError("the broker is gone")

    scene = Scene(keep, tmp_path, Paper(before=fail))
    scene.lane.events(events(0))
    with pytest.raises(OSError, match="gone"):
        await scene.work_off()
    assert (scene.store.customer(b"c0"), scene.lane.marker) == (None, Marker())


async def test_a_batch_without_effects_writes_nothing_and_is_done(tmp_path: Path) -> None:
    scene = Scene(lambda _: Outcome(), tmp_path)
    scene.lane.events(events(0))
    await scene.work_off()
    assert (scene.paper.written, scene.lane.marker) == ([], Marker(events=1))


async def test_a_batch_whose_changelog_does_not_fit_is_halved_until_it_does(tmp_path: Path) -> None:
    scene = Scene(keep, tmp_path, Paper(room=3))
    scene.lane.events(events(0, 1, 2, 3))
    await scene.work_off()
    changelogs = [[record.key for record in records] for topic, _, records in scene.paper.written if topic == CHANGELOG]
    assert changelogs == [[b"m", b"cc0", b"cc1"], [b"m", b"cc2", b"cc3"]]


async def test_a_single_record_whose_changes_do_not_fit_is_put_aside_and_the_others_go_on(tmp_path: Path) -> None:
    def second_is_huge(batch: Batch) -> Outcome:
        outcome = keep(batch)
        for record in batch.records:
            if record.offset == 1:
                outcome.customers |= {b"part%d" % number: b"x" for number in range(9)}
        return outcome

    scene = Scene(second_is_huge, tmp_path, Paper(room=3))
    scene.lane.events(events(0, 1, 2))
    for _ in range(3):
        await scene.work_off()
    put_aside = [record.key for topic, _, records in scene.paper.written if topic == "care.dead" for record in records]
    assert (put_aside, scene.lane.marker.events) == ([b"c1"], 3)


async def test_a_timer_whose_changes_do_not_fit_stops_the_process(tmp_path: Path) -> None:
    scene = Scene(lambda _: Outcome(customers={b"c1": b"x", b"c2": b"x"}), tmp_path, Paper(room=1))
    scene.lane.ticks(tick(0, upto=10, after=0))
    with pytest.raises(TooLarge, match="do not fit"):
        await scene.work_off()


async def test_dead_records_are_put_aside_and_the_others_go_on(tmp_path: Path) -> None:
    def second_is_dead(batch: Batch) -> Outcome:
        outcome = keep(Batch(0, [batch.records[0], *batch.records[2:]], batch.state))
        outcome.dead.append(Dead(batch.records[1], "poison"))
        return outcome

    scene = Scene(second_is_dead, tmp_path)
    scene.lane.events(events(0, 1, 2))
    await scene.work_off()
    assert scene.paper.topics == ["care.outreach", "care.dead", CHANGELOG]
    assert (scene.store.customer(b"c1"), scene.store.customer(b"c2")) == (None, b"2")


async def test_too_many_dead_records_stop_the_process_with_nothing_written(tmp_path: Path) -> None:
    scene = Scene(lambda batch: Outcome(dead=[Dead(each, "x") for each in batch.records]), tmp_path)
    scene.lane.events(events(0, 1, 2))
    with pytest.raises(TooManyDead):
        await scene.work_off()
    assert (scene.paper.written, scene.lane.marker) == ([], Marker())


async def test_the_count_of_dead_records_survives_a_restart(tmp_path: Path) -> None:
    scene = Scene(lambda batch: Outcome(dead=[Dead(each, "x") for each in batch.records]), tmp_path)
    scene.lane.events(events(0, 1))
    await scene.work_off()
    assert scene.store.marker() == Marker(events=2, dead_in_a_row=2)


def two_at_a_time(batch: Batch) -> Outcome:
    assert batch.tick is not None
    due = batch.state.due(batch.tick, 2)
    agenda: dict[bytes, bytes | None] = {agenda_key(moment, key): None for moment, key in due}
    return Outcome(agenda=agenda, more=len(due) == 2)


async def test_a_tick_goes_on_until_nothing_more_is_due_and_only_then_its_offset_is_done(tmp_path: Path) -> None:
    scene = Scene(two_at_a_time, tmp_path)
    scene.store.write([(b"a" + agenda_key(due, b"c"), b"") for due in (1, 2, 3)], 0)
    scene.lane.ticks(tick(0, upto=10, after=0))
    work = scene.lane.next()
    assert work
    await scene.flush.work_off(scene.lane, scene.store, work)
    assert (scene.store.first_due(), scene.store.marker().ticks) == (3, 0)
    await scene.work_off()
    assert (scene.store.first_due(), scene.store.marker().ticks) == (None, 1)


async def test_a_tick_that_would_go_on_for_ever_stops_the_process(tmp_path: Path) -> None:
    scene = Scene(lambda _: Outcome(more=True), tmp_path)
    scene.lane.ticks(tick(0, upto=10, after=0))
    with pytest.raises(NoProgress):
        await scene.work_off()
