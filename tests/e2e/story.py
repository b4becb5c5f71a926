"""The one story that every lane tells: an order is delivered, we ask how it was, the answer is bad, and a person is told."""

import asyncio
import re
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import httpx
from aiokafka import AIOKafkaConsumer
from care_contracts.clock import Clock
from care_contracts.reasons import Verdict
from care_contracts.records import Decision, Event
from care_contracts.topics import DECISIONS, EVENTS, Topic
from care_contracts.wire import decode_decision, decode_event

from deploy.embedded.driver.forms import form_on
from deploy.embedded.driver.posting import Poster
from deploy.embedded.driver.story import Fact

T = TypeVar("T")

PATIENCE_S = 90.0
A_DAY_IN_THREE_SECONDS = 28_800  # quick to wait for, and slow enough that nothing expires while a process comes back
SURVEY = re.compile(r"https?://\S+/s/[\w-]+")


class Inbox(Protocol):
    """Where a lane's mail is caught."""

    async def texts_to(self, address: str) -> list[str]:
        """The text parts of the mails to `address`."""


@dataclass(frozen=True)
class World:
    """A running system: where it listens, who may post, what time it is there, where its mail is."""

    ingest: str
    kafka: str
    api_key: str
    clock: Clock
    inbox: Inbox


@dataclass(frozen=True)
class Told:
    """How it went."""

    order: Event
    answer: Event
    followup: Decision


async def tell(world: World) -> Told:
    """Plays the story with a new customer; raises TimeoutError saying what did not happen."""
    customer, order = f"ada-{secrets.token_hex(4)}", secrets.token_hex(4)
    address = f"{customer}@example.com"
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        poster = Poster(client, world.ingest, world.api_key)
        for kind, data in (
            ("customer.updated", {"email": address, "first_name": "Ada", "time_zone": "Europe/London"}),
            ("order.delivered", {"order_id": order, "product_name": "Kind of Blue", "total": 24}),
        ):
            await poster.post(Fact(world.clock.now(), f"{order}.{kind}", "shop", kind, customer, data))
        link = await until(f"a letter with a survey to {customer}", lambda: _survey_link(world.inbox, address))
        await until("the survey's page", lambda: _answer(client, link, score="1"))
    return Told(
        await _recorded(world, EVENTS, decode_event, f"the order of {customer}", lambda event: event.id == f"{order}.order.delivered"),
        await _recorded(
            world, EVENTS, decode_event, f"the answer of {customer}", lambda event: (event.type, event.customer_id) == ("survey.answered", customer)
        ),
        await _recorded(world, DECISIONS, decode_decision, f"the follow-up on {customer}", lambda decision: _is_followup(decision, customer)),
    )


async def until(what: str, probe: Callable[[], Awaitable[T | None]], seconds: float = PATIENCE_S) -> T:
    """What `probe` finds, asked again until it finds something; raises TimeoutError naming `what` after `seconds`."""
    end = time.monotonic() + seconds
    while (found := await probe()) is None:
        if time.monotonic() > end:
            raise TimeoutError(f"expected {what} within {seconds:g} s")
        await asyncio.sleep(0.2)
    return found


async def _survey_link(inbox: Inbox, address: str) -> str | None:
    links = [found[0] for text in await inbox.texts_to(address) if (found := SURVEY.search(text))]
    return links[0] if links else None


async def _answer(client: httpx.AsyncClient, link: str, score: str) -> bool | None:
    """Opens the page, fills in its form, sends it; None while the page is not there yet."""
    try:
        page = await client.get(link)
        form = form_on(page.text, link) if page.status_code == 200 else None
        if form is None:
            return None
        filled = form.hidden | {next(iter(form.choices)): score} | dict.fromkeys(form.texts, "The sleeve was torn.")
        return (await client.post(form.action, data=filled)).status_code == 200 or None
    except httpx.TransportError:
        return None


def _is_followup(decision: Decision, customer: str) -> bool:
    return (decision.customer_id, decision.rule, decision.verdict) == (customer, "low-score-followup", Verdict.ALERTED)


async def _recorded(world: World, topic: Topic, decode: Callable[[bytes | None], T], what: str, wanted: Callable[[T], bool]) -> T:
    """The first record of `topic` that is wanted, waiting for it to come."""
    consumer: Any = AIOKafkaConsumer(topic.name, bootstrap_servers=world.kafka, auto_offset_reset="earliest", group_id=None)
    await consumer.start()
    try:

        async def look() -> T | None:
            polled = await consumer.getmany(timeout_ms=500)
            records = [decode(record.value) for batch in polled.values() for record in batch]
            return next((record for record in records if wanted(record)), None)

        return await until(what, look)
    finally:
        await consumer.stop()
