"""The way to the broker while there is none: the process lives, says so, and gives up in time."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
from ingest.publisher import Broker, KafkaPublisher, Record, Unconfirmed

RECORD = Record(b"c1", b"{}")


@pytest.fixture
async def silent_server() -> AsyncIterator[str]:
    """Accepts connections and never answers."""

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    yield f"{host}:{port}"
    server.close()


def closed_port() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


async def test_without_a_broker_nothing_is_promised() -> None:
    publisher = KafkaPublisher(Broker(closed_port(), timeout=0.5))
    async with publisher.connected():
        assert not publisher.ready
        with pytest.raises(Unconfirmed, match="not connected"):
            await publisher.publish([RECORD])
        publisher.set_aside(RECORD)


async def test_a_silent_broker_is_no_broker(silent_server: str) -> None:
    publisher = KafkaPublisher(Broker(silent_server, timeout=0.3))
    async with asyncio.timeout(5), publisher.connected():
        with pytest.raises(Unconfirmed):
            await publisher.publish([RECORD])


async def test_beyond_the_limit_of_waiting_events_the_answer_is_immediate() -> None:
    publisher = KafkaPublisher(Broker(closed_port(), in_flight=1))
    with pytest.raises(Unconfirmed, match="too many"):
        await publisher.publish([RECORD, RECORD])
