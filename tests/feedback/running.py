"""The real process against the embedded broker, as a supervisor would run it."""

import sys
from dataclasses import dataclass
from pathlib import Path

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from care_contracts.records import Command, Event
from care_contracts.topics import DEAD, EVENTS, OUTREACH
from care_contracts.wire import decode_event, encode_command

from deploy.embedded.broker import embedded
from deploy.embedded.ports import free_port
from deploy.embedded.program import Program, until_ready
from deploy.embedded.supervisor import Supervisor
from tests.feedback.stage import KEYS

PARTITIONS = 3


@dataclass
class Running:
    """A broker and a feedback process in a folder."""

    folder: Path
    supervisor: Supervisor
    kafka: str
    port: int
    mail_port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return self.supervisor.log("feedback").read_text()

    @property
    def memory_kib(self) -> int:
        """The service's resident memory."""
        status = Path(f"/proc/{self.supervisor.pid('feedback')}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0])

    async def broker(self) -> None:
        """Starts the broker, with the topics that feedback reads and writes."""
        program = embedded(int(self.kafka.rpartition(":")[2])).program
        assert program
        await self.supervisor.start(program)
        await until_ready(program, self.supervisor.log("broker"), 15)
        admin = AIOKafkaAdminClient(bootstrap_servers=self.kafka)
        await admin.start()
        await admin.create_topics([NewTopic(topic.name, topic.partitions(PARTITIONS), 1) for topic in (EVENTS, OUTREACH, DEAD)])
        await admin.close()

    async def feedback(self, *, wait: bool = True) -> Program:
        """Starts the service and waits until it is ready."""
        told = {
            "CARE_KAFKA": self.kafka,
            "CARE_LINK_KEYS": f"1:{KEYS.keys[1].decode()}",
            "CARE_SUPPRESSION_KEY": "a secret of sixteen",
            "CARE_DATABASE_URL": f"sqlite:///{self.folder}/care.db",
            "CARE_HTTP_PORT": str(self.port),
            "CARE_MAIL_PORT": str(self.mail_port),
            "CARE_CLOCK": "2026-03-02T10:00:00Z@1x",
            "PYTHONPATH": ":".join(sys.path),
        }
        program = Program("feedback", (sys.executable, "-W", "error::ResourceWarning", "-m", "feedback"), told, f"{self.url}/readyz")
        await self.supervisor.start(program)
        if wait:
            await until_ready(program, self.supervisor.log("feedback"), 20)
        return program

    async def send(self, *commands: Command, junk: bytes = b"") -> None:
        """Puts commands (and junk) on care.outreach."""
        producer = AIOKafkaProducer(bootstrap_servers=self.kafka, acks="all")
        await producer.start()
        for command in commands:
            await producer.send_and_wait(OUTREACH.name, encode_command(command), command.customer_id.encode())
        if junk:
            await producer.send_and_wait(OUTREACH.name, junk, b"x")
        await producer.stop()

    async def on_topic(self, topic: str, partitions: int) -> list[tuple[bytes, dict[str, bytes]]]:
        """Values and headers of everything on a topic now."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.kafka, auto_offset_reset="earliest", fetch_max_wait_ms=200)
        await consumer.start()
        places = [TopicPartition(topic, number) for number in range(partitions)]
        consumer.assign(places)
        missing = sum((await consumer.end_offsets(places)).values())
        found: list[tuple[bytes, dict[str, bytes]]] = []
        while len(found) < missing:
            fetched = await consumer.getmany(timeout_ms=500)
            found += [(record.value, dict(record.headers)) for batch in fetched.values() for record in batch]
        await consumer.stop()
        return found

    async def events(self) -> list[Event]:
        """Everything on care.events."""
        return [decode_event(value) for value, _ in await self.on_topic(EVENTS.name, PARTITIONS)]


def new_running(folder: Path) -> Running:
    """Nothing of it runs yet."""
    return Running(folder, Supervisor(folder), f"127.0.0.1:{free_port()}", free_port(), free_port())


async def status(url: str) -> int:
    """The status of a URL, 0 where nobody answers."""
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.get(url)).status_code
    except httpx.HTTPError:
        return 0
