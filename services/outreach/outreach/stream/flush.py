"""The order in which a batch takes effect: outputs on the broker, changelog on the broker, database; only then may it be committed."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from care_contracts.topics import DEAD

from outreach.stream.batch import Batch, Dead, Handler, NotYet, Outcome
from outreach.stream.dead import dead_in_a_row, dead_letter
from outreach.stream.faults import Point, reached
from outreach.stream.keys import Marker, table_changes
from outreach.stream.lane import Lane, Work
from outreach.stream.metrics import StreamMetrics
from outreach.stream.store import Store
from outreach.stream.writer import Packed, Record, TooLarge, Writer

_DEAD_PARTITION = 0


class NoProgress(RuntimeError):
    """The handler says that more is due and changes nothing: the tick would go on for ever."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What one piece of work leads to, complete before anything is sent."""

    outcome: Outcome
    until: Marker
    changelog: Packed


class Flush:
    """Works off one piece of work of one partition at a time."""

    def __init__(self, handler: Handler, writer: Writer, metrics: StreamMetrics, changelog: str, dead_at_most: int) -> None:
        self._handler = handler
        self._writer = writer
        self._metrics = metrics
        self._changelog = changelog
        self._dead_at_most = dead_at_most

    async def work_off(self, lane: Lane, store: Store, work: Work) -> None:
        """Decides the work and makes it take effect. Whatever raises leaves it unacknowledged: it comes again after a restart."""
        work, effect = await self._decided(lane, store, work)
        reached(Point.AFTER_DECIDE)
        await self._produce(lane.partition, effect.outcome)
        reached(Point.OUTPUTS_ACKNOWLEDGED)
        if effect.changelog.records:
            offset = await self._writer.write(self._changelog, lane.partition, effect.changelog, Point.CHANGELOG_HALF_WRITTEN)
            reached(Point.CHANGELOG_ACKNOWLEDGED)
            store.write(((record.key or b"", record.value) for record in effect.changelog.records), offset)
            reached(Point.STATE_WRITTEN)
        lane.done(effect.until, more=effect.outcome.more)
        self._count(work, effect.outcome)

    async def _decided(self, lane: Lane, store: Store, work: Work) -> tuple[Work, Effect]:
        while True:
            effect = self._effect(lane, work, await self._handled(lane, store, work))
            if effect:
                return work, effect
            if work.tick and store.due_limit > 1:
                store.due_limit //= 2
            elif len(work.records) > 1:
                work = lane.halve(work)
            else:
                return work, self._without_effect(lane, work)

    async def _handled(self, lane: Lane, store: Store, work: Work) -> Outcome:
        batch = Batch(lane.partition, work.records, store, work.tick.upto if work.tick else None)
        outcome = None
        while outcome is None:
            try:
                outcome = self._handler(batch)
            except NotYet as lacking:
                await lacking.until()
        if outcome.more and None not in outcome.agenda.values():
            raise NoProgress(f"care.ticks[{lane.partition}]: the handler wants to go on and took nothing from the agenda")
        return outcome

    def _effect(self, lane: Lane, work: Work, outcome: Outcome) -> Effect | None:
        """None when the changelog does not fit into one record batch."""
        dead = dead_in_a_row(lane.marker.dead_in_a_row, work.records, outcome.dead, self._dead_at_most)
        until = replace(lane.marker if outcome.more else work.until, dead_in_a_row=dead)
        try:
            effect = Effect(outcome, until, self._writer.packed(tuple(_changelog(outcome, lane.marker, until))))
        except TooLarge:
            return None
        return effect if len(effect.changelog.batches) <= 1 else None

    def _without_effect(self, lane: Lane, work: Work) -> Effect:
        """A single record whose changes do not fit is put aside, so that it holds up nobody else."""
        outcome = Outcome(dead=[Dead(record, "its changes do not fit into one record batch") for record in work.records])
        effect = self._effect(lane, work, outcome)
        if effect is None or work.tick:
            raise TooLarge(f"{self._changelog}[{lane.partition}]: the changes for one customer do not fit into one record batch")
        return effect

    async def _produce(self, partition: int, outcome: Outcome) -> None:
        by_topic: defaultdict[str, list[Record]] = defaultdict(list)
        for output in outcome.outputs:
            by_topic[output.topic].append(Record(output.key, output.value))
        for topic, records in by_topic.items():
            await self._writer.write(topic, partition, self._writer.packed(records), Point.OUTPUTS_HALF_SENT)
        if outcome.dead:
            await self._writer.write(DEAD.name, _DEAD_PARTITION, self._writer.packed([dead_letter(dead) for dead in outcome.dead]))

    def _count(self, work: Work, outcome: Outcome) -> None:
        self._metrics.batches.inc()
        for topic in {record.topic for record in work.records}:
            self._metrics.records.labels(topic).inc(len(work.records))
        for topic in {output.topic for output in outcome.outputs}:
            self._metrics.outputs.labels(topic).inc(sum(output.topic == topic for output in outcome.outputs))
        self._metrics.dead.inc(len(outcome.dead))


def _changelog(outcome: Outcome, before: Marker, until: Marker) -> Iterator[Record]:
    """Nothing for a batch without any effect: it may as well be decided again."""
    changes = (outcome.customers, outcome.agenda, outcome.outputs, outcome.dead, outcome.playbooks)
    if any(changes) or before.dead_in_a_row != until.dead_in_a_row:
        for key, value in table_changes(outcome.customers, outcome.agenda, outcome.playbooks, until):
            yield Record(key, value)
