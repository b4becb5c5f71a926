"""What the courier writes to the log, acknowledged by all replicas; the few lines that every service has of its own, because services share only contracts."""

import logging
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from care_contracts.records import Event
from care_contracts.topics import DEAD, EVENTS
from care_contracts.wire import encode_event

from outreach.backoff import SERVICE_AWAY

log = logging.getLogger(__name__)

Headers = Sequence[tuple[str, bytes]]


class Publisher:
    """Waits for the broker as long as it takes; whoever calls may rely on the record being there when the call returns."""

    def __init__(self, servers: str, *, idempotence: bool) -> None:
        self._settings = {"bootstrap_servers": servers, "acks": "all", "enable_idempotence": idempotence, "client_id": "careloop-courier"}
        self._producer: AIOKafkaProducer | None = None
        self.failures = 0

    @property
    def reachable(self) -> bool:
        """False while the broker does not take what is written."""
        return self._producer is not None and self.failures == 0

    async def start(self) -> None:
        """Connects, trying again until the broker is there."""
        while self._producer is None:
            producer = AIOKafkaProducer(**self._settings)
            try:
                await producer.start()
            except (KafkaError, OSError) as error:
                await producer.stop()
                await self._pause("a connection", error)
            else:
                self._producer, self.failures = producer, 0

    async def stop(self) -> None:
        """Disconnects; everything that was confirmed is on the broker."""
        if self._producer:
            await self._producer.stop()

    async def tell(self, event: Event) -> None:
        """Puts an event on care.events, keyed by its customer."""
        await self._send(EVENTS.name, event.customer_id.encode(), encode_event(event), ())

    async def bury(self, key: bytes | None, value: bytes | None, headers: Headers) -> None:
        """Puts a record that cannot be worked off on care.dead, as it came."""
        await self._send(DEAD.name, key, value, headers)

    async def _send(self, topic: str, key: bytes | None, value: bytes | None, headers: Headers) -> None:
        if self._producer is None:
            raise RuntimeError("expected a started publisher")
        while True:
            try:
                await self._producer.send_and_wait(topic, value, key=key, headers=list(headers))
            except KafkaError as error:
                await self._pause("an acknowledgement", error)
            else:
                self.failures = 0
                return

    async def _pause(self, expected: str, error: Exception) -> None:
        self.failures += 1
        log.warning("broker: expected %s, got %s (failure %d in a row)", expected, type(error).__name__, self.failures)
        await SERVICE_AWAY.pause(self.failures)
