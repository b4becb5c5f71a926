"""The load: the lives of CDNOW customers, a day or so in a second, as ingest would put them on care.events."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count, islice

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from care_contracts.clock import MS, Clock
from care_contracts.records import Event
from care_contracts.topics import EVENTS
from care_contracts.wire import encode_event

from deploy.embedded.driver.people import person
from deploy.embedded.driver.purchases import choose, purchases
from deploy.embedded.driver.story import Fact, Story

SEED = 1997
_TURN_S = 0.1
_AGAIN_S = 0.2
_TOLD_TWICE = 0.02
_NAMES = ("order_id", "ticket_id")


def lives(customers: int) -> Iterator[Fact]:
    """What happens to so many customers, in the order of time; when everything has happened, it happens again with other orders and tickets."""
    bought = choose(purchases(), customers, SEED)
    facts = sorted(fact for number, orders in bought.items() for fact in Story(person(number, SEED), orders, SEED).facts())
    for life in count():
        for fact in facts:
            named = {name: f"{fact.data[name]}.{life}" for name in _NAMES if name in fact.data}
            yield replace(fact, id=f"{fact.id}.{life}", data=fact.data | named)


@dataclass
class Load:
    """`accepted` are the events that the broker acknowledged, `ends` the offsets behind them; `late` counts those that came after their tick could."""

    kafka: str
    clock: Clock
    per_second: int
    grace_s: float
    customers: int = 200
    accepted: set[tuple[str, str]] = field(default_factory=set)
    ends: Counter[int] = field(default_factory=Counter)
    late: int = 0
    _flowing: asyncio.Event = field(default_factory=asyncio.Event)
    _still: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Never returns; each turn is acknowledged before the next one begins."""
        facts = lives(self.customers)
        dice = random.Random(SEED)  # noqa: S311 - a repeatable choice, no secret
        async with self._producer() as producer:
            while True:
                self._still.set()
                await self._flowing.wait()
                self._still.clear()
                some = list(islice(facts, round(self.per_second * _TURN_S)))
                some += dice.sample(some, sum(dice.random() < _TOLD_TWICE for _ in some))
                await asyncio.gather(*(self._post(producer, fact) for fact in some))
                await asyncio.sleep(_TURN_S)

    def flow(self) -> None:
        """Begins, or goes on."""
        self._flowing.set()

    async def pause(self) -> None:
        """Returns when everything under way is acknowledged."""
        self._flowing.clear()
        await self._still.wait()

    def _producer(self) -> AIOKafkaProducer:
        return AIOKafkaProducer(bootstrap_servers=self.kafka, acks="all", request_timeout_ms=round(self.grace_s * MS / 2))

    async def _post(self, producer: AIOKafkaProducer, fact: Fact) -> None:
        """As a sender at ingest: the same id until it is accepted, recorded at the moment of the try."""
        while True:
            now = self.clock.now()
            event = Event(fact.id, fact.source, fact.type, fact.customer_id, now, now, fact.data)
            try:
                there = await producer.send_and_wait(EVENTS.name, encode_event(event), key=fact.customer_id.encode())
            except KafkaError:
                await asyncio.sleep(_AGAIN_S)
                continue
            self.late += self.clock.now() - now > self.grace_s * MS * self.clock.speed
            self.accepted.add((fact.source, fact.id))
            self.ends[there.partition] = max(self.ends[there.partition], there.offset + 1)
            return
