"""The real process on the embedded broker: killed in the middle, without its neighbours, ended in order."""

import asyncio
import re
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from care_contracts.reasons import Verdict
from care_contracts.records import Decision, Event
from care_contracts.topics import DECISIONS, EVENTS, PLAYBOOKS
from care_contracts.wire import encode_decision, encode_event
from outreach.database import open_engine
from outreach.journal import tables
from outreach.journal.writing import count, write
from sqlalchemy import Engine, inspect

from deploy.embedded.broker import embedded
from deploy.embedded.ports import free_port
from deploy.embedded.program import Program, until_ready
from deploy.embedded.supervisor import Supervisor
from tests.outreach.journal.conftest import kept
from tests.outreach.journal.test_writing import everything
from tests.waiting import until

pytestmark = [pytest.mark.embedded, pytest.mark.skipif("sys.platform != 'linux'", reason="the embedded broker exists for Linux only")]

PARTITIONS = 3
MANY = 20_000


@dataclass
class Running:
    """A broker and a journal process in a folder."""

    folder: Path
    supervisor: Supervisor
    engine: Engine
    kafka: str = field(default_factory=lambda: f"127.0.0.1:{free_port()}")
    port: int = field(default_factory=free_port)

    async def broker(self) -> None:
        program = embedded(int(self.kafka.rpartition(":")[2])).program
        assert program
        await self.supervisor.start(program)
        await until_ready(program, self.supervisor.log("broker"), 15)
        admin = AIOKafkaAdminClient(bootstrap_servers=self.kafka)
        await admin.start()
        await admin.create_topics([NewTopic(topic.name, topic.partitions(PARTITIONS), 1) for topic in (EVENTS, DECISIONS, PLAYBOOKS)])
        await admin.close()

    async def journal(self) -> None:
        told = {"CARE_KAFKA": self.kafka, "CARE_DATABASE_URL": str(self.engine.url), "CARE_OPS_PORT": str(self.port), "CARE_GROUP_INSTANCE_ID": "journal-1"}
        told["CARE_CLOCK"] = "1970-01-01T00:00:00Z@1x"  # the story's time, of which nothing is old enough to be removed
        program = Program("journal", (sys.executable, "-m", "outreach", "journal"), told | {"PYTHONPATH": ":".join(sys.path)})
        await self.supervisor.start(program)

    async def send(self, happened: list[Event | Decision]) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=self.kafka, acks="all", linger_ms=5)
        await producer.start()
        for one in happened:
            topic, value = (EVENTS.name, encode_event(one)) if isinstance(one, Event) else (DECISIONS.name, encode_decision(one))
            await producer.send(topic, value, one.customer_id.encode())
        await producer.stop()

    def rows(self) -> int:
        there = set(inspect(self.engine).get_table_names()) >= tables.metadata.tables.keys()
        return count(self.engine, tables.events) + count(self.engine, tables.decisions) if there else 0

    async def says(self, path: str) -> str:
        try:
            async with httpx.AsyncClient(trust_env=False) as client:
                return (await client.get(f"http://127.0.0.1:{self.port}{path}")).text
        except httpx.TransportError:
            return ""


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    engine = open_engine(f"sqlite:///{tmp_path / 'care.db'}")
    running = Running(tmp_path, Supervisor(tmp_path), engine)
    yield running
    await running.supervisor.stop()
    engine.dispose()


def story(many: int) -> list[Event | Decision]:
    """Events and decisions of 200 customers, each tenth of them twice, as a decider repeats itself after a crash."""
    happened: list[Event | Decision] = []
    for number in range(many // 2):
        customer = f"c{number % 200}"
        event = Event(f"e{number}", "shop", "order.placed", customer, number, number, {"order_id": f"A{number}"})
        decision = Decision(Verdict.SENT, number, customer, "thanks", event.id, "0", "v1", what="note", command_id=f"x{number}")
        happened += [event, decision] * (2 if number % 10 == 0 else 1)
    return happened


async def test_killed_before_a_commit_and_in_the_middle_its_tables_are_the_same(running: Running, tmp_path: Path) -> None:
    happened = story(MANY)
    await running.broker()
    await running.send(happened)
    tables.prepare(running.engine)

    async def has_taken_some() -> bool:
        lag = re.search(r"^care_journal_lag (.+)$", await running.says("/metrics"), re.MULTILINE)
        return lag is not None and 0 < float(lag[1]) < len(happened)

    with running.engine.connect() as other:
        other.exec_driver_sql("BEGIN IMMEDIATE")  # nobody else can write
        await running.journal()
        await until(has_taken_some)
        running.supervisor.kill("journal")
    await until(lambda: running.rows() > 0, every=0.002)
    running.supervisor.kill("journal")
    assert running.rows() < MANY, "killed too late to prove anything"
    await until(lambda: running.rows() == MANY)

    async def all_read() -> bool:
        return "care_journal_lag 0.0" in await running.says("/metrics")

    await until(all_read)
    calm = open_engine(f"sqlite:///{tmp_path / 'calm.db'}")
    tables.prepare(calm)
    write(calm, kept(*happened))
    assert everything(running.engine) == everything(calm)
    calm.dispose()


async def test_it_waits_for_a_broker_that_comes_late_and_ends_in_order(running: Running) -> None:
    await running.journal()

    async def says_so() -> bool:
        return await running.says("/readyz") == "broker away\n" and await running.says("/healthz") == "ok\n"

    await until(says_so)
    await running.broker()
    await running.send(story(20))

    async def ready() -> bool:
        return await running.says("/readyz") == "ok\n"

    await until(ready)
    await until(lambda: running.rows() == 20)
    process = running.supervisor._processes["journal"]
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 9) == 0
