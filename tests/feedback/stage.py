"""A feedback service on a real database, with a topic that is a list, and Ada, who is written to."""

import asyncio
from dataclasses import dataclass, field

from care_contracts.clock import DAY_MS, Clock
from care_contracts.identity import command_id, occasion
from care_contracts.links import LinkKeys, Use
from care_contracts.records import Command, Event
from care_contracts.suppression import Suppressions
from care_contracts.wire import decode_event
from feedback.answers import Answers
from feedback.app import application
from feedback.asked import Asked, asked_by, remember
from feedback.consents import Consents
from feedback.database import Database, open_database
from feedback.entrance import Entrance
from feedback.metrics import Metrics
from feedback.ops import Ops
from feedback.outbox import NotConfirmed, Outbox
from feedback.pages import open_pages
from feedback.preferences_page import PreferencesPage
from feedback.providers.calls import Provider
from feedback.providers.hooks import Hooks
from feedback.returned.returns import Returns
from feedback.survey_page import SurveyPage
from feedback.unsubscribe_page import UnsubscribePage
from starlette.applications import Starlette

NOW = 1_772_445_600_000  # 2026-03-02T10:00:00Z
ADA = "ada@example.org"
KEYS = LinkKeys({1: b"a key that only tests know"}, 1)


@dataclass
class FakeTopic:
    """care.events as a list; while it is `away` nothing is confirmed, while it is `silent` not even refused."""

    events: list[Event] = field(default_factory=list)
    away: bool = False
    silent: bool = False

    async def publish(self, _topic: str, key: bytes, value: bytes) -> None:
        if self.silent:
            await asyncio.Event().wait()
        if self.away:
            raise NotConfirmed("the test said so")
        event = decode_event(value)
        assert key == event.customer_id.encode()
        self.events.append(event)


@dataclass
class Hands:
    """Real time that a test can turn, in seconds since 1970."""

    seconds: float = NOW / 1000

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Service:
    """The whole service but its Kafka ends."""

    database: Database
    topic: FakeTopic
    app: Starlette
    outbox: Outbox
    suppressions: Suppressions
    hands: Hands
    broker: dict[str, bool]
    providers: dict[str, Provider]

    async def writes(self, command: Command) -> Asked:
        """A letter has gone out, and the service knows it."""
        asked = asked_by(command)
        assert asked
        await self.database.transact(lambda connection: remember(connection, [asked]))
        return asked

    def link(self, use: Use, command: Command) -> str:
        """The path of a link as the courier makes it."""
        door = {Use.SURVEY: "s", Use.UNSUBSCRIBE: "u", Use.PREFERENCES: "p"}[use]
        return f"/{door}/{KEYS.sign(use, command.command_id, command.due + 90 * DAY_MS)}"

    async def stopped(self, *purposes: str) -> list[str]:
        """Those of the purposes for which Ada must not be written to."""
        wanted = [(ADA, purpose) for purpose in purposes]
        found = await self.database.transact(lambda connection: self.suppressions.stopped(connection, wanted))
        return [purpose for purpose in purposes if (ADA, purpose) in found]


def letter(order: str = "A1", *, purpose: str = "care", survey: str = "csat", language: str = "en", kind: str = "send") -> Command:
    """A command to write to Ada about an order."""
    return Command(
        kind=kind,
        command_id=command_id(occasion("checkin", "ada", order), "0"),
        customer_id="ada",
        rule="checkin",
        step="0",
        occurrence=order,
        purpose=purpose,
        playbook="v1",
        at=NOW,
        due=NOW,
        not_after=NOW + 7 * DAY_MS,
        language=language,
        what="checkin",
        address=ADA,
        survey=survey,
        context={"event": {"order_id": order, "product_name": "Kettle"}, "customer": {"first_name": "Ada"}},
    )


async def open_service(url: str) -> Service:
    """A service on the database of a SQLAlchemy URL."""
    database = open_database(url)
    await database.prepare()
    hands, topic, metrics, broker = Hands(), FakeTopic(), Metrics(), {"there": True}
    clock = Clock(real=hands)
    outbox, suppressions = Outbox(database, topic, clock), Suppressions(b"a secret of sixteen")
    pages, entrance = open_pages("Northwind Records", metrics), Entrance(KEYS, database, clock)
    consents = Consents(database, suppressions, outbox, clock, metrics)

    async def events() -> bool:
        return broker["there"]

    survey = SurveyPage(entrance, Answers(database, outbox, clock, metrics), pages)
    ops = Ops({"events": events}, outbox, metrics)
    providers: dict[str, Provider] = {}
    hooks = Hooks(providers, Returns(database, suppressions, outbox, clock, metrics), metrics)
    app = application(pages, survey, UnsubscribePage(entrance, consents, pages), PreferencesPage(entrance, consents, pages), ops, hooks)
    return Service(database, topic, app, outbox, suppressions, hands, broker, providers)
