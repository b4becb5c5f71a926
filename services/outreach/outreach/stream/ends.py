"""Where the topics end, asked from the broker itself over a connection of its own, so that a long fetch does not delay the answer."""

import asyncio
from collections.abc import Iterable

from aiokafka import AIOKafkaConsumer, TopicPartition

from outreach.stream.settings import StreamSettings

_FETCH_MS = 10

Source = tuple[str, int]


class Ends:
    """Member of no group; reads nothing but where the ends are.

    The embedded broker says that a topic ends after the *first* record of its last batch. So `of` is only a lower bound,
    which is right on Apache Kafka; whoever has that record has fetched its whole batch. `exactly` looks behind it.
    """

    def __init__(self, settings: StreamSettings) -> None:
        self._kafka = settings.kafka
        self._consumer: AIOKafkaConsumer | None = None

    async def start(self) -> None:
        """Connects; raises KafkaConnectionError when there is no broker."""
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=self._kafka, group_id=None, enable_auto_commit=False, request_timeout_ms=5000, fetch_max_wait_ms=_FETCH_MS
        )
        await self._consumer.start()

    async def stop(self) -> None:
        """Disconnects."""
        if self._consumer:
            await self._consumer.stop()

    async def of(self, sources: Iterable[Source]) -> dict[Source, int]:
        """The offset after the last record of each partition; raises KafkaError when the broker does not answer in 5 s."""
        asked = [TopicPartition(*source) for source in sources]
        answer = await self._connected.end_offsets(asked)
        return {(each.topic, each.partition): answer[each] for each in asked}

    async def exactly(self, sources: Iterable[Source]) -> dict[Source, int]:
        """The same on every broker, after a fetch from there on."""
        ends = {TopicPartition(*source): end for source, end in (await self.of(sources)).items()}
        consumer = self._connected
        consumer.assign(list(ends))
        for partition, end in ends.items():
            consumer.seek(partition, end)
        while any(consumer.highwater(partition) is None for partition in ends):
            for partition, records in (await consumer.getmany(timeout_ms=_FETCH_MS)).items():
                ends[partition] = records[-1].offset + 1
            await asyncio.sleep(0)
        exact = {(each.topic, each.partition): max(end, consumer.highwater(each)) for each, end in ends.items()}
        consumer.unsubscribe()
        return exact

    @property
    def _connected(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            raise RuntimeError("expected a started connection")
        return self._consumer
