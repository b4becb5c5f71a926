"""The topic care.playbooks: follows it from its beginning, and puts a version on it."""

import asyncio
import logging
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from care_contracts.playbooks import Version, encode_version
from care_contracts.topics import PLAYBOOKS

from outreach.backoff import SERVICE_AWAY
from outreach.consuming import started
from outreach.playbook.versions import Versions

log = logging.getLogger(__name__)

_TOPIC = TopicPartition(PLAYBOOKS.name, 0)
_POLL_MS = 500


class Published:
    """Member of no group: every process reads everything, into `versions`."""

    def __init__(self, servers: str, versions: Versions, *, idempotence: bool) -> None:
        self._servers = servers
        self._versions = versions
        self._idempotence = idempotence
        self._consumer: Any = None
        self._connected = asyncio.Event()
        self._read = 0
        self._moved = asyncio.Condition()
        self.stamps: dict[str, int] = {}
        versions.catch_up = self.catch_up

    async def run(self) -> None:
        """Follows the topic until it is cancelled."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._servers, group_id=None, enable_auto_commit=False, auto_offset_reset="earliest", fetch_max_wait_ms=_POLL_MS
        )
        try:
            await started(consumer, asyncio.Event())
            consumer.assign([_TOPIC])
            await consumer.seek_to_beginning(_TOPIC)
            self._consumer = consumer
            self._connected.set()
            while True:
                await self._follow(consumer)
        finally:
            await consumer.stop()

    async def _follow(self, consumer: AIOKafkaConsumer) -> None:
        try:
            for record in (await consumer.getmany(_TOPIC, timeout_ms=_POLL_MS)).get(_TOPIC, []):
                self._take(record.key, record.value, record.timestamp)
            read = await consumer.position(_TOPIC)
        except KafkaError as error:
            log.warning("care.playbooks: expected records, got %s", type(error).__name__)
            await asyncio.sleep(1)
            return
        async with self._moved:
            self._read = read
            self._moved.notify_all()

    def _take(self, key: bytes | None, value: bytes | None, stamp: int) -> None:
        if key and value:
            self._versions.put(key.decode(), value)
            self.stamps[key.decode()] = stamp

    async def catch_up(self) -> None:
        """Returns when everything that is on the topic now has been read, however long that takes."""
        end = await self._end()
        async with self._moved:
            await self._moved.wait_for(lambda: self._read >= end)

    async def _end(self) -> int:
        await self._connected.wait()
        consumer, failures = self._consumer, 0
        while True:
            try:
                return int((await consumer.end_offsets([_TOPIC]))[_TOPIC])
            except KafkaError as error:
                log.warning("care.playbooks: expected its end, got %s", type(error).__name__)
            failures += 1
            await SERVICE_AWAY.pause(failures)

    async def publish(self, version: Version) -> None:
        """Puts a version on the topic, acknowledged, and returns when it has been read there; raises TooLarge."""
        raw, failures = encode_version(version), 0
        while not await self._sent(version.version.encode(), raw):
            failures += 1
            await SERVICE_AWAY.pause(failures)
        await self.catch_up()

    async def _sent(self, key: bytes, raw: bytes) -> bool:
        """With a producer of its own: it is so rare, and waits for no lease."""
        producer = AIOKafkaProducer(bootstrap_servers=self._servers, acks="all", enable_idempotence=self._idempotence)
        try:
            await producer.start()
            await producer.send_and_wait(_TOPIC.topic, raw, key=key, partition=_TOPIC.partition)
        except (KafkaError, OSError) as error:
            log.warning("care.playbooks: expected an acknowledgement, got %s", type(error).__name__)
            return False
        finally:
            await producer.stop()
        return True
