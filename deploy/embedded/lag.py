"""How far the consumer groups are behind."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from care_contracts.topics import EVENTS, OUTREACH, Topic

from deploy.embedded.log import partitions_of, reader

GROUPS: dict[str, Topic] = {"careloop-decide": EVENTS, "careloop-courier": OUTREACH, "feedback": OUTREACH}


class Lags:
    """Made once for a run; keeps its two connections."""

    def __init__(self, admin: AIOKafkaAdminClient, consumer: AIOKafkaConsumer, partitions: int) -> None:
        self._admin = admin
        self._consumer = consumer
        self._partitions = {group: partitions_of([topic], partitions) for group, topic in GROUPS.items()}

    async def ends(self) -> dict[TopicPartition, int]:
        """The end of each partition that a group reads."""
        every = sorted({partition for partitions in self._partitions.values() for partition in partitions})
        found: dict[TopicPartition, int] = await self._consumer.end_offsets(every)
        return found

    async def behind(self, ends: dict[TopicPartition, int]) -> dict[str, int]:
        """How many records each group has not committed of those before `ends`."""
        return {group: await self._behind(group, partitions, ends) for group, partitions in self._partitions.items()}

    async def _behind(self, group: str, partitions: list[TopicPartition], ends: dict[TopicPartition, int]) -> int:
        committed = await self._admin.list_consumer_group_offsets(group, partitions=partitions)
        done = {partition: max(0, committed[partition].offset) if partition in committed else 0 for partition in partitions}
        return sum(max(0, ends[partition] - done[partition]) for partition in partitions)

    async def settled(self, seconds: float) -> dict[str, int]:
        """Waits until every group has worked off what lies on its topic now; what is left of it after `seconds`."""
        ends, until = await self.ends(), time.monotonic() + seconds
        while True:
            left = await self.behind(ends)
            if not any(left.values()) or time.monotonic() > until:
                return left
            await asyncio.sleep(0.2)


@asynccontextmanager
async def lags(kafka: str, partitions: int) -> AsyncIterator[Lags]:
    """The lags of every group on the broker."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        async with reader(kafka, partitions_of([EVENTS, OUTREACH], partitions)) as consumer:
            yield Lags(admin, consumer, partitions)
    finally:
        await admin.close()
