"""`make courier-crash`: a real courier is killed at each point of the crash window, and the one after it leaves nothing lost and nothing unruly twice."""

import json
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer
from care_contracts.records import Command
from care_contracts.topics import OUTREACH
from care_contracts.wire import encode_command
from outreach.cli.topics import create_topics
from outreach.database import open_engine
from outreach.delivery.faults import Point
from outreach.delivery.ledger_table import table
from outreach.playbook.load import load_folder
from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError

from deploy.mail.scripted import ScriptedServer, scripted
from deploy.mail.trial import PLAYBOOK, SECRET, letter
from deploy.reliability.nodes import Embedded
from deploy.reliability.waiting import until
from deploy.reliability.workers import Worker, gone

COMMANDS = 40
_PARTITIONS = 2
_PASSES = 12  # so that some commands are through, some under way and some not begun
_WITHIN_S = 90.0


@dataclass
class Tally:
    """`in_doubt_expected` is what the dead couriers left claimed under a rule that holds; `repeated` what rules let be sent again."""

    kills: int = 0
    lost: int = 0
    doubled: int = 0
    in_doubt_expected: int = 0
    in_doubt_seen: int = 0
    repeated: int = 0
    complaints: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether all was as it must be."""
        return self.kills > 0 and not (self.lost or self.doubled or self.complaints) and self.in_doubt_seen == self.in_doubt_expected

    def line(self) -> str:
        """JSON."""
        names = ("kills", "lost", "doubled", "in_doubt_expected", "in_doubt_seen", "repeated")
        return json.dumps({name: getattr(self, name) for name in names})


@dataclass
class Scene:
    """A courier, what it talks to, and every command it was given."""

    server: ScriptedServer
    courier: Worker
    engine: Engine
    producer: AIOKafkaProducer
    version: str
    commands: dict[str, Command] = field(default_factory=dict)

    async def order(self, name: str) -> None:
        """Gives it commands; every other one may be sent again when in doubt."""
        for number in range(COMMANDS):
            which = "resend" if number % 2 else "hold"
            command = letter(self.version, f"{name}-{number}", f"c{number}@example.org", in_doubt=which, customer_id=f"c-{number}")
            self.commands[command.command_id] = command
            await self.producer.send_and_wait(OUTREACH.name, encode_command(command), key=command.customer_id.encode())

    def rows(self) -> dict[str, Any]:
        """The ledger."""
        try:
            with self.engine.connect() as connection:
                return {row.command_id: row for row in connection.execute(select(table))}
        except OperationalError:
            return {}  # there is no table before the first courier

    def settled(self) -> bool:
        """Whether nothing is left to do for any command."""
        rows = self.rows()
        return self.commands.keys() <= rows.keys() and all(row.wake is None for row in rows.values())


async def courier_crash(each: int, points: Iterable[Point] = Point) -> Tally:
    """Kills it `each` times at every point."""
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="care-crash-") as folder:
        async with _staged(Path(folder)) as scene:
            for point in points:
                for number in range(each):
                    await _kill(scene, tally, point, f"{point}-{number}")
            _judge(scene, tally)
    return tally


async def _kill(scene: Scene, tally: Tally, point: Point, name: str) -> None:
    """One death and what comes after it."""
    before = tally.in_doubt_expected
    await scene.order(name)
    scene.courier.start(f"{point}:{1 if point is Point.BEFORE_COMMIT else _PASSES}")
    ended = await scene.courier.dead(_WITHIN_S)
    if ended != -9:
        tally.complaints.append(f"{name}: expected SIGKILL, the courier ended with {ended}")
    tally.kills += 1
    left = [scene.commands[its_id] for its_id, row in scene.rows().items() if row.state == "attempting"]
    tally.in_doubt_expected += sum(command.in_doubt == "hold" for command in left)
    scene.courier.start()
    await until(scene.settled, f"all is settled after {name}", _WITHIN_S, lambda: dict(Counter((row.state, row.wake is None) for row in scene.rows().values())))
    await scene.courier.end()
    print(f"{name}: {len(left)} were under way, {tally.in_doubt_expected - before} of them are held", flush=True)


def _judge(scene: Scene, tally: Tally) -> None:
    """By the mail server's inbox and the ledger together."""
    rows, mails = scene.rows(), Counter(name.strip("<>") for name in scene.server.message_ids())
    domains = {name.partition("@")[2] for name in mails}
    if len(domains) > 1:
        tally.complaints.append(f"expected one Message-ID for each command, got the domains {sorted(domains)}")
    sent = Counter({name.partition("@")[0]: count for name, count in mails.items()})
    for its_id, command in scene.commands.items():
        state = rows[its_id].state
        tally.in_doubt_seen += state == "in_doubt"
        tally.lost += state not in {"sent", "in_doubt"} or (state == "sent" and not sent[its_id])
        again = max(0, sent[its_id] - 1)
        tally.doubled += again if command.in_doubt == "hold" else 0
        tally.repeated += again if command.in_doubt == "resend" else 0


@asynccontextmanager
async def _staged(folder: Path) -> AsyncIterator[Scene]:
    node = Embedded()
    await node.start()
    kafka = f"127.0.0.1:{node.port}"
    await create_topics(kafka, _PARTITIONS)
    producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all")
    await producer.start()
    url = f"sqlite:///{folder}/care.db"
    told = {"CARE_KAFKA": kafka, "CARE_PARTITIONS": str(_PARTITIONS), "CARE_PLAYBOOK": str(PLAYBOOK), "CARE_DATABASE_URL": url}
    told |= {"CARE_LINK_KEYS": f"1:{SECRET}", "CARE_SUPPRESSION_KEY": SECRET, "CARE_COURIER_INSTANCE": "courier-1", "CARE_SMTP_CONNECTIONS": "4"}
    engine = open_engine(url)
    async with scripted() as server:
        courier = Worker("courier", folder, told | {"CARE_SMTP_URL": f"smtp://127.0.0.1:{server.port}"}, verb="deliver")
        try:
            yield Scene(server, courier, engine, producer, load_folder(PLAYBOOK).playbook.version)
        finally:
            await gone(courier)
            engine.dispose()
            await producer.stop()
            await node.stop()
