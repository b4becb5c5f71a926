"""The log as it lies on care.events, on a real broker of either kind."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from care_contracts.clock import MS, parse_rfc3339
from care_contracts.records import Event
from care_contracts.topics import EVENTS
from care_contracts.wire import encode_event
from outreach.cli.topics import create_topics

from tests.kafka.lane import NoKafka, apache_kafka
from tests.outreach.backtest.conftest import STORY
from tests.outreach.stream.conftest import embedded_broker


@pytest.fixture(params=[pytest.param("embedded", marks=pytest.mark.embedded), pytest.param("kafka", marks=pytest.mark.kafka)])
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Its bootstrap server."""
    with ExitStack() as stack:
        try:
            yield stack.enter_context(embedded_broker() if request.param == "embedded" else apache_kafka(tmp_path))
        except NoKafka as reason:
            pytest.skip(str(reason))


async def put_on(broker: str) -> None:
    """The story, written in the order and at the moments in which it happened, and a record that is no event."""
    await create_topics(broker, 3)
    producer = AIOKafkaProducer(bootstrap_servers=broker, acks="all")
    await producer.start()
    try:
        for one in STORY:
            at = parse_rfc3339(one["time"])
            raw = encode_event(Event(one["id"], one["source"], one["type"], one["customer_id"], at, at, one["data"]))
            await producer.send_and_wait(EVENTS.name, raw, key=one["customer_id"].encode(), timestamp_ms=at)
        await producer.send_and_wait(EVENTS.name, b"nonsense", partition=2, timestamp_ms=at + MS)
    finally:
        await producer.stop()


async def test_what_lies_on_the_topic_is_replayed_whole_or_between_two_bounds(report: Callable[..., Any], log: Path, broker: str) -> None:
    await put_on(broker)
    kafka = ("--kafka", broker)
    whole, file = report("kafka", *kafka), report(log)
    assert whole["playbook"] == file["playbook"]
    assert [line.split(":")[0] for line in whole["log"].pop("unreadable")["first"]] == ["care.events/2"]
    assert whole["log"].items() <= file["log"].items()
    assert report("kafka", *kafka, "--from", 0, "--to", 100)["playbook"] == file["playbook"]
    assert report("kafka", *kafka, "--from", 1, "--to", 3)["log"]["events"] == 3
    assert report("kafka", *kafka, "--from", "2026-03-04", "--to", "2026-03-06")["log"]["events"] == 2
