"""The journal's place in its consumer group: takes what there is, keeps it in one go, and commits the offsets only then."""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError
from care_contracts.topics import DECISIONS, EVENTS, PLAYBOOKS

from outreach.consuming import Watch, group_member, started
from outreach.journal.keeping import Keeping

log = logging.getLogger(__name__)

GROUP = "careloop-journal"
MOST = 2000
_POLL_MS = 500
_UNHURRIED_SECONDS = 0.3  # nobody waits for the journal: what comes within this time is one commit


@dataclass(slots=True)
class Listening:
    """One consumer for as long as the process lives; under the same `instance` a restart takes the dead one's place at once (KIP-345)."""

    servers: str
    keeping: Keeping
    instance: str = ""
    watch: Watch | None = None
    in_flight: int = 0
    taken: int = 0
    _kept: dict[TopicPartition, int] = field(default_factory=dict)

    @property
    def reachable(self) -> bool:
        """False while the broker does not answer."""
        return self.watch is not None and self.watch.reachable

    async def run(self, ending: asyncio.Event) -> None:
        """Until `ending` is set and what was taken is kept; raises TooManyUnreadable or Stalled."""
        listener = group_member(self.servers, GROUP, self.instance, "careloop-journal")
        listener.subscribe([EVENTS.name, DECISIONS.name, PLAYBOOKS.name], listener=_Forgetting(self._kept))
        try:
            await started(listener, ending)
            self.watch = Watch(listener, self, self.keeping.metrics.lag)
            async with asyncio.TaskGroup() as group:
                watching = group.create_task(self.watch.run())
                while not ending.is_set():
                    await self._take(listener, ending)
                watching.cancel()
        finally:
            await listener.stop()

    async def _take(self, consumer: AIOKafkaConsumer, ending: asyncio.Event) -> None:
        polled = await self._poll(consumer)
        records = [record for some in polled.values() for record in some]
        self.in_flight, self.taken = len(records), self.taken + len(records)
        if records:
            await self.keeping.keep(records)
            self._kept |= {partition: some[-1].offset + 1 for partition, some in polled.items()}
            await self._commit(consumer)
        self.in_flight = 0
        if len(records) < MOST // 2:
            await _a_moment(ending)

    async def _poll(self, consumer: AIOKafkaConsumer) -> dict[TopicPartition, list[Any]]:
        try:
            polled: dict[TopicPartition, list[Any]] = await consumer.getmany(timeout_ms=_POLL_MS, max_records=MOST)
        except KafkaError as error:
            log.warning("broker: expected records, got %s", type(error).__name__)
            return {}
        return polled

    async def _commit(self, consumer: AIOKafkaConsumer) -> None:
        """A commit that fails is only a repetition later: rows that are there stay as they are."""
        ours = {partition: offset for partition, offset in self._kept.items() if partition in consumer.assignment()}
        try:
            await consumer.commit(ours)
        except (KafkaError, IllegalStateError) as error:
            log.warning("commit of %d partitions: expected an acknowledgement, got %s", len(ours), type(error).__name__)
        else:
            self._kept.clear()
            self.keeping.metrics.last_commit.set_to_current_time()


async def _a_moment(ending: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(ending.wait(), _UNHURRIED_SECONDS)
    except TimeoutError:
        return


class _Forgetting(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka has no types
    """What was kept of a partition that goes to another journal is no longer ours to commit."""

    def __init__(self, kept: dict[TopicPartition, int]) -> None:
        self._kept = kept

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """They will come again to their new owner, from the last commit on."""
        for partition in revoked:
            self._kept.pop(partition, None)

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Nothing to prepare."""
