"""The Kafka producer of feedback: a record is published when every in-sync replica has it, or said not to be."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from care_contracts.topics import EVENTS

from feedback.outbox import NotConfirmed
from feedback.patience import Patience

log = logging.getLogger(__name__)

CONFIRM_S = 5.0
_REQUEST_TIMEOUT_MS = 4000
_STOP_S = 1.0


class KafkaPublisher:
    """Publishes once `run` has reached the broker; connects and reconnects by itself."""

    def __init__(self, kafka: str, *, idempotence: bool) -> None:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=kafka, acks="all", enable_idempotence=idempotence, request_timeout_ms=_REQUEST_TIMEOUT_MS, client_id="feedback"
        )
        self._started = asyncio.Event()

    async def run(self) -> None:
        """Keeps the producer connected until cancelled."""
        patience = Patience()
        try:
            while not self._started.is_set():
                try:
                    await self._producer.start()
                    self._started.set()
                except (KafkaError, OSError) as error:
                    log.warning("no producer yet: %s", error)
                    await patience.pause()
            await asyncio.Event().wait()
        finally:
            with suppress(TimeoutError):  # without a broker it would wait for ever; nothing is lost, the outbox has it
                async with asyncio.timeout(_STOP_S):
                    await self._producer.stop()

    async def publish(self, topic: str, key: bytes | None, value: bytes | None, headers: Sequence[tuple[str, bytes]] = ()) -> None:
        """Returns when the broker has confirmed; raises NotConfirmed after 5 seconds, or at once while there is no connection yet."""
        if not self._started.is_set():
            raise NotConfirmed(f"{topic}: the broker has not been reached yet")
        try:
            async with asyncio.timeout(CONFIRM_S):
                await self._producer.send_and_wait(topic, value, key, headers=list(headers))
        except (KafkaError, OSError, TimeoutError) as error:
            raise NotConfirmed(f"{topic}: expected the broker's confirmation, got {type(error).__name__}") from error

    async def partitions(self, topic: str) -> int:
        """How many partitions a topic has, 0 where there is no such topic; raises KafkaError or TimeoutError when no broker answers."""
        async with asyncio.timeout(CONFIRM_S):
            await self._started.wait()
            metadata = await self._producer.client.fetch_all_metadata()
        return len(metadata.partitions_for_topic(topic) or ())

    async def reachable(self) -> bool:
        """Whether events can be published now."""
        try:
            return self._started.is_set() and await self.partitions(EVENTS.name) > 0
        except (KafkaError, OSError):
            return False
