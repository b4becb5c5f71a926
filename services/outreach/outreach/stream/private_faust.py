"""Everything private of Faust 0.15.3 (and of the aiokafka 0.14 it drives) that we override or reach into to read the log, each with its reason.

tests/outreach/stream/test_private_faust.py fails when any of it changes in a newer version.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from time import monotonic
from typing import Any

import aiokafka
import faust
import uvloop
from care_contracts.clock import MS
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from outreach.stream.batch import Raw
from outreach.stream.ends import Ends
from outreach.stream.faults import Point, reached
from outreach.stream.keys import MARKER
from outreach.stream.lanes import SOURCES, Lanes
from outreach.stream.positions import Positions
from outreach.stream.private_recovery import partition_store
from outreach.stream.rightful import Rightful
from outreach.stream.rocks import Rocks
from outreach.stream.store import Store

_FETCH_SECONDS = 0.1


class LaneThread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]  # Faust is not typed
    """The consumer's thread."""

    mundane_level = "debug"

    def _create_worker_consumer(self, transport: Any) -> aiokafka.AIOKafkaConsumer:
        """Faust fixes a fetch at 1.5 s; one under way with old positions delays the first records after a rebalance by that."""
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = self.app.fetch_wait_ms  # noqa: SLF001 aiokafka reads it when it starts; Faust has no setting for it
        return consumer

    async def on_start(self) -> None:
        """When a heartbeat was last answered aiokafka keeps to itself; our writes depend on it."""
        await super().on_start()
        coordinator = self._ensure_consumer()._coordinator  # noqa: SLF001 where the heartbeats are
        beat = coordinator._do_heartbeat  # noqa: SLF001 True when the group knows us, or waits for us to join again

        async def noted_beat() -> bool:
            sent = monotonic()
            answered: bool = await beat()
            if answered:
                self.app.lanes.lease.renew(sent)
            return answered

        coordinator._do_heartbeat = noted_beat  # noqa: SLF001 aiokafka has no listener for it

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Joining is as good as a heartbeat; the next one comes an interval later."""
        self.app.lanes.lease.renew(monotonic())
        reached(Point.DURING_REBALANCE)
        await super().on_partitions_assigned(assigned, generation_id)

    async def silence(self, partitions: Iterable[TP]) -> None:
        """Stops fetching what nobody reads any more. Faust only ignores it, and a fetch that nobody reads blocks the others for 0.1 s."""
        await self.call_thread(self._silence, list(partitions))

    async def _silence(self, partitions: list[TP]) -> None:
        consumer = self._ensure_consumer()
        tps = [aiokafka.TopicPartition(tp.topic, tp.partition) for tp in partitions]
        consumer.pause(*tps)
        for tp in tps:
            consumer.seek(tp, 0)  # drops what was fetched already; recovery seeks again before it resumes


class LaneConsumer(driver.Consumer):  # type: ignore[misc]  # Faust is not typed
    """Faust's consumer, delivering source records to the lanes a fetch at a time, and losing none at a rebalance.

    Three guards close the holes through which records were lost: each fetch gets a snapshot of the active partitions;
    a fetch that overlapped a seek is read again; a partition's records are accepted only from where it was positioned.
    """

    mundane_level = "debug"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lanes: Lanes = self.app.lanes
        self._lanes.on_full = lambda source: self.on_buffer_full(TP(*source))
        self._lanes.on_room = self._on_room
        self._positions = Positions()
        self._rightful = Rightful(lambda partition: partition_store(self.app, partition).marker())
        self._seeks = 0
        self._room = asyncio.Event()

    def _new_consumer_thread(self) -> LaneThread:
        """Our thread, with a uvloop of its own."""
        return LaneThread(self, loop=self.loop, beacon=self.beacon, thread_loop=uvloop.new_event_loop())

    async def perform_seek(self) -> None:
        """Called once recovery is done. The lanes begin behind their marker, and only from there records are accepted.

        They begin before the seek: what a fetch brings that overlaps it can then be read again, and is not missed until
        something comes behind it.
        """
        await self._give_up()
        await super().perform_seek()
        stores = {tp.partition: partition_store(self.app, tp.partition) for tp in self._sources() if tp.topic == SOURCES[0]}
        starts = await self._starts(stores)
        self._positions.start(starts)
        self._lanes.start(stores, starts)
        await self.seek_wait(starts)
        await self._thread.silence(self.app.assignor.assigned_actives() & {tp for tp in self.assignment() if self._is_changelog_tp(tp)})

    async def seek_wait(self, partitions: Mapping[TP, int]) -> None:
        """Counts seeks, so that a fetch that overlapped one is known."""
        self._seeks += 1
        await super().seek_wait(partitions)
        self._seeks += 1

    async def highwaters(self, *partitions: TP) -> Mapping[TP, int]:
        """Up to where recovery reads; it must not stop inside a batch, as it would by what the embedded broker says first."""
        ends = await self.app.ends.exactly(partitions)
        return {TP(*source): end for source, end in ends.items()}

    async def wait_empty(self) -> None:
        """Called before partitions are given up and before the end: what is under way is finished, then committed."""
        await self._give_up()
        reached(Point.DURING_REBALANCE)
        await super().wait_empty()
        self._lanes.forget()

    def resume_flow(self) -> None:
        """Wakes the drain, which Faust lets sleep a whole second when no partition is active."""
        super().resume_flow()
        self._room.set()

    async def verify_all_partitions_active(self) -> None:
        """Faust watches its streams here, which get no records; `pulse` watches the lanes instead."""

    async def _drain_messages(self, fetcher: Any) -> None:
        """Faust makes four tasks for each message and loses some (see the class); this delivers a whole fetch at once."""
        try:
            while not (self.should_stop or fetcher.should_stop):
                await self._drain()
        except (*self.consumer_stopped_errors, asyncio.CancelledError):
            if not self.app.should_stop:
                raise

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        """Faust's lists of acknowledged offsets stay empty; a lane has one number."""
        yield from (TP(*source) for source in self._lanes.worked_off() if topics is None or source in topics or source[0] in topics)

    def _new_offset(self, tp: TP) -> int | None:
        """The offset to commit."""
        return self._lanes.worked_off().get((tp.topic, tp.partition)) or None

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        """Only so that a test can let the process die meanwhile."""
        reached(Point.WHILE_COMMITTING, in_flight=True)
        committed: bool = await super()._commit(offsets)
        return committed

    async def _drain(self) -> None:
        if not self.flow_active:
            await self.wait(self.can_resume_flow)
            return
        active = frozenset(self._get_active_partitions())
        if not active:
            self._room.clear()
            await self.wait(self._room, timeout=_FETCH_SECONDS)
            return
        seeks = self._seeks
        fetched = await self._getmany(active, _FETCH_SECONDS)
        if fetched:
            reached(Point.AFTER_FETCH)
        if fetched and seeks != self._seeks:
            await self._read_again(fetched)
        elif fetched and self.flow_active:
            await self._deliver({TP(tp.topic, tp.partition): records for tp, records in fetched.items()})

    async def _deliver(self, fetched: Mapping[TP, list[Any]]) -> None:
        again: list[TP] = []
        changelogs = {}
        for tp, records in fetched.items():
            if tp.topic not in SOURCES:
                changelogs[tp] = records
            elif (accepted := self._positions.accept(tp, records)) is None:
                again.append(tp)
            elif accepted:
                self._lanes.deliver(tp, [_raw(record) for record in accepted])
        await self._recover(changelogs)
        if again:
            await self._read_again(again)

    async def _recover(self, changelogs: Mapping[TP, list[Any]]) -> None:
        for tp, records in changelogs.items():
            if self.flow_active:
                reached(Point.DURING_RECOVERY)
                self.app.tables.recovery.take(tp, [self._counted(tp, record) for record in records])
                self._read_offset[tp] = records[-1].offset
                await asyncio.sleep(0)

    def _counted(self, tp: TP, record: Any) -> Any:
        """The record, or the marker that stays in its place when it does not count."""
        mark = self._rightful.instead(tp.partition, record.key, record.value)
        return record if mark is None else replace(record, key=MARKER, value=mark)

    async def _read_again(self, partitions: Iterable[Any]) -> None:
        tps = [TP(tp.topic, tp.partition) for tp in partitions]
        offsets = {tp: self._positions.expected(tp) if tp.topic in SOURCES else self._read_offset.get(tp) or 0 for tp in tps}
        positioned = {tp: offset for tp, offset in offsets.items() if offset is not None}
        self.log.info("a fetch does not continue where it has to, reading again: %r", positioned)
        await self.seek_wait(positioned)

    async def _starts(self, stores: Mapping[int, Store]) -> dict[TP, int]:
        earliest = await self.earliest_offsets(*self._sources())
        markers = {partition: store.marker() for partition, store in stores.items()}
        done = {
            TP(topic, partition): offset for partition, marker in markers.items() for topic, offset in zip(SOURCES, (marker.events, marker.ticks), strict=True)
        }
        return {TP(tp.topic, tp.partition): max(offset, self._committed_offset.get(tp) or 0, done[tp]) for tp, offset in earliest.items()}

    def _sources(self) -> list[TP]:
        return [tp for tp in self.assignment() if tp.topic in SOURCES]

    async def _give_up(self) -> None:
        self._positions.clear()
        self._rightful.begin()
        await self._lanes.finish(self.app.conf.broker_rebalance_timeout * 0.8)

    def _on_room(self, source: tuple[str, int]) -> None:
        self.on_buffer_drop(TP(*source))
        self._room.set()


class LaneTransport(driver.Transport):  # type: ignore[misc]  # Faust is not typed
    """Faust's transport with our consumer."""

    Consumer = LaneConsumer


def install(app: faust.App, lanes: Lanes, table: faust.Table, ends: Ends, fetch_wait: float) -> None:
    """Puts all of the above into an app that has not been started."""
    app.fetch_wait_ms = round(fetch_wait * MS)
    app.lanes = lanes
    app.changelogged = table
    app.ends = ends
    app.transport = LaneTransport(app.conf.broker_consumer, app)
    table.data.rocksdb_options = Rocks()  # Faust's options cannot share a cache between partitions and bound little


def _raw(record: Any) -> Raw:
    return Raw(record.topic, record.partition, record.offset, record.key, record.value, record.headers)
