"""Commands, letters and a courier for tests, in the domain's words."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from care_contracts.clock import DAY_MS, Clock
from care_contracts.identity import command_id
from care_contracts.links import LinkKeys
from care_contracts.records import Command, Event, altered
from care_contracts.suppression import Suppressions
from care_contracts.wire import encode_command
from outreach.backoff import Backoff
from outreach.core.policy import Brand, Policy, Team
from outreach.delivery.composing import Composer
from outreach.delivery.connections import Connections
from outreach.delivery.coupons import Coupons
from outreach.delivery.courier import Courier
from outreach.delivery.gifts import Gifts
from outreach.delivery.grouped_writes import GroupedWrites
from outreach.delivery.ledger import Ledger
from outreach.delivery.ledger_table import table
from outreach.delivery.letter import Links
from outreach.delivery.metrics import metrics
from outreach.delivery.pace import Pace
from outreach.delivery.smtp_url import mail_server
from outreach.letters import LetterError
from prometheus_client import CollectorRegistry
from sqlalchemy import Engine, select

A_MINUTE = Backoff(60, 60)


def real_ms() -> int:
    return round(time.time() * 1000)


POLICY = Policy(
    brand=Brand("Northwind Records", "care@northwind.example", "hello@northwind.example", "1 Canal St, Leeds"),
    teams={"care": Team(email="care-team@northwind.example"), "leads": Team(webhook="team-chat")},
)


@dataclass(frozen=True)
class Sheet:
    """A rendered letter."""

    subject: str
    text: str
    html: str
    language: str = "en"


@dataclass(frozen=True)
class PlainLetters:
    """Letters without a playbook: `broken` cannot be rendered."""

    def render(self, name: str, language: str, context: Mapping[str, Any]) -> Sheet:
        if name == "broken":
            raise LetterError("letters/broken.md", 3, "expected a value for event.total, got none")
        who = context["customer"].get("first_name", "there")
        links = context["links"]
        code = context.get("reward", {}).get("coupon", "")
        return Sheet(f"Hello {who}", f"Hi {who},\n.a line with a dot\n{links['unsubscribe']}\n{code}\n", f"<p>Hi {who}</p><a href={links['survey']}>", language)


def order(occurrence: str = "A1", **changes: Any) -> Command:
    """A command to send the letter `checkin`, still fresh for a day."""
    now = round(time.time() * 1000)
    command = Command(
        "send",
        command_id(f"checkin|c-1|{occurrence}", "1"),
        "c-1",
        "checkin-after-delivery",
        "1",
        occurrence,
        "care",
        "v1",
        now,
        now,
        now + DAY_MS,
        "en",
        "checkin",
        address="ada@example.org",
        context={"customer": {"first_name": "Ada"}, "event": {"order_id": occurrence}, "answer": {}},
    )
    return altered(command, **changes)


def composer(policy: Policy = POLICY, clock: Clock | None = None) -> Composer:
    keys = LinkKeys({1: b"a secret of some length"}, 1)
    return Composer(policy, PlainLetters(), Links(keys, "https://care.northwind.example"), clock or Clock(), policy.send_only_to)


@dataclass
class Desk:
    """A courier at work, and what it told the stream."""

    courier: Courier
    told: list[Event]
    gifts: Gifts

    async def deliver(self, command: Command) -> None:
        await self.courier.carry_out(encode_command(command))

    def told_ids(self) -> list[str]:
        return [event.id for event in self.told]

    def state(self, command: Command) -> str:
        return str(self.row(command).state)

    def row(self, command: Command) -> Any:
        with self.courier.writes.ledger.engine.connect() as connection:
            return connection.execute(select(table).where(table.c.command_id == command.command_id)).one()


@asynccontextmanager
async def courier_for(
    port: int,
    engine: Engine,
    suppressions: Suppressions,
    *,
    policy: Policy = POLICY,
    owner: str = "/first",
    exchange: float = 5,
    connections: int = 3,
    real: Callable[[], int] = real_ms,
    retry: Backoff = A_MINUTE,
    clock: Clock | None = None,
    pools: Path = Path("no-playbook"),
) -> AsyncIterator[Desk]:
    """A courier that hands its mail to 127.0.0.1:`port`."""
    figures, told = metrics(CollectorRegistry()), list[Event]()
    writes = GroupedWrites(Ledger(engine, suppressions, owner), figures.ledger_groups, Backoff(0.01, 0.05))
    server = mail_server(f"smtp://127.0.0.1:{port}")
    kept = Connections(lambda: server.session(exchange), connections, Backoff(0.01, 0.05))

    async def tell(event: Event) -> None:
        told.append(event)

    moment = clock or Clock()
    voice = composer(policy, moment)

    async def composer_of(version: str) -> Composer | None:
        return voice if version == "v1" else None

    gifts = Gifts(Coupons(engine), pools, figures.coupons_left, figures.coupons_empty)
    await gifts.look()
    courier = Courier(composer_of, kept, writes, tell, moment, real, figures, gifts.unpacked, Pace(exchange, retry))
    writing = asyncio.create_task(writes.run())
    try:
        yield Desk(courier, told, gifts)
    finally:
        await kept.close()
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
