"""Plays the chosen customers' lives on the system, from the first day to the last."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import httpx
from care_contracts.clock import DAY_MS, to_ms

from deploy.embedded.driver.agenda import Agenda
from deploy.embedded.driver.pages import Pages
from deploy.embedded.driver.people import person
from deploy.embedded.driver.posting import Poster
from deploy.embedded.driver.purchases import choose, purchases
from deploy.embedded.driver.readers import Readers
from deploy.embedded.driver.story import Fact, Story
from deploy.embedded.plan import Plan

FIRST_DAY = to_ms(datetime(1997, 1, 1, tzinfo=UTC))
LAST_DAY = to_ms(datetime(1998, 7, 1, tzinfo=UTC))
CONNECTIONS = 16
LOOK_S = 0.2


@dataclass(frozen=True)
class Cast:
    """How many customers are played for how many days, from which seed."""

    customers: int = 300
    days: int = (LAST_DAY - FIRST_DAY) // DAY_MS
    seed: int = 1997

    @property
    def end(self) -> int:
        """The last moment of the play (ms since 1970)."""
        return FIRST_DAY + self.days * DAY_MS


@dataclass(frozen=True)
class Play:
    """The world of one run: `facts` to be posted, who reads, what was accepted."""

    cast: Cast
    agenda: Agenda
    poster: Poster
    readers: Readers
    facts: list[Fact]

    async def run(self) -> None:
        """Returns when the last day is over and every event of it was accepted."""
        reading = asyncio.create_task(self._read())
        try:
            await self.agenda.run(self.cast.end)
        finally:
            reading.cancel()

    async def _read(self) -> None:
        while True:
            await self.readers.look()
            await asyncio.sleep(LOOK_S)


@asynccontextmanager
async def staged(plan: Plan, cast: Cast) -> AsyncIterator[Play]:
    """A play that is ready to run, with few connections to the system."""
    bought = choose(purchases(), cast.customers, cast.seed)
    people = [person(number, cast.seed) for number in bought]
    facts = [fact for who, orders in zip(people, bought.values(), strict=True) for fact in Story(who, orders, cast.seed).facts() if fact.at < cast.end]
    limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    async with httpx.AsyncClient(limits=limits, timeout=10, trust_env=False) as client:
        agenda = Agenda(plan.the_clock())
        poster = Poster(client, plan.ingest, plan.secret("api_key"))
        for fact in facts:
            agenda.at(fact.at, fact.customer_id, partial(poster.post, fact))
        readers = Readers(client, plan.inbox, {who.email: who for who in people}, agenda, Pages(client), poster, cast.seed)
        yield Play(cast, agenda, poster, readers, facts)
