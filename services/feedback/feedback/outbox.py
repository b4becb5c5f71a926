"""Events on their way out, in SQL: written in the same transaction as what they tell, deleted when the broker has them."""

import asyncio
import logging
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from care_contracts.clock import Clock
from care_contracts.records import Event, altered
from care_contracts.topics import EVENTS
from care_contracts.wire import decode_event, encode_event
from sqlalchemy import BigInteger, Column, Connection, Index, Integer, LargeBinary, String, Table, delete, func, insert, select
from sqlalchemy.exc import SQLAlchemyError

from feedback.database import Database, metadata
from feedback.patience import Patience

log = logging.getLogger(__name__)

table = Table(
    "care_outbox",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("customer_id", String, nullable=False),
    Column("event", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
Index("care_outbox_customer", table.c.customer_id)

SWEEP_S = 1.0
FLUSH_S = 5.0
_AT_ONCE = 100


class NotConfirmed(RuntimeError):
    """The broker has not confirmed a record in time; the record may or may not be on the topic."""


class Publisher(Protocol):
    """Where events go; `publish` returns once every in-sync replica has the record, else raises NotConfirmed."""

    async def publish(self, topic: str, key: bytes, value: bytes) -> None:
        """Brings one record to the topic."""


def keep(connection: Connection, event: Event) -> None:
    """Puts an event into the outbox, in the caller's transaction."""
    connection.execute(insert(table).values(customer_id=event.customer_id, event=encode_event(event)))


@dataclass
class Outbox:
    """Sends what is kept, each customer's events in their order. Sending one twice is no harm: consumers know events by their ids."""

    database: Database
    publisher: Publisher
    clock: Clock
    _turns: "weakref.WeakValueDictionary[str, asyncio.Lock]" = field(default_factory=weakref.WeakValueDictionary)

    async def flush(self, customer_id: str, within: float = FLUSH_S) -> None:
        """Sends everything kept for a customer, oldest first, so that a later answer never overtakes an earlier one; NotConfirmed after `within` seconds."""
        try:
            async with asyncio.timeout(within), self._turns.setdefault(customer_id, asyncio.Lock()):
                await self._send(customer_id)
        except TimeoutError as error:
            raise NotConfirmed(f"expected the broker's confirmation within {within:g} s, got none") from error

    async def _send(self, customer_id: str) -> None:
        for number, raw in await self.database.transact(partial(_kept, customer_id=customer_id)):
            event = altered(decode_event(raw), recorded=self.clock.now())
            await self.publisher.publish(EVENTS.name, customer_id.encode(), encode_event(event))
            await self.database.transact(partial(_gone, number=number))

    async def waiting(self) -> int:
        """How many events are kept."""
        return await self.database.transact(lambda connection: connection.execute(select(func.count()).select_from(table)).scalar_one())

    async def run(self) -> None:
        """Sends what requests left behind, for ever. What appeared since the last look is left to the request that wrote it."""
        seen, patience = 0, Patience()
        while True:
            await asyncio.sleep(SWEEP_S)
            try:
                seen = await self._sweep(seen)
                patience.worked()
            except (NotConfirmed, SQLAlchemyError) as error:
                log.warning("the outbox waits: %s", type(error).__name__)
                await patience.pause()

    async def _sweep(self, seen: int) -> int:
        customers, newest = await self.database.transact(partial(_left_behind, seen=seen))
        for customer_id in customers:
            await self.flush(customer_id)
        return newest


def _kept(connection: Connection, customer_id: str) -> Sequence[tuple[int, bytes]]:
    rows = connection.execute(select(table.c.number, table.c.event).where(table.c.customer_id == customer_id).order_by(table.c.number))
    return [(number, raw) for number, raw in rows]


def _gone(connection: Connection, number: int) -> None:
    connection.execute(delete(table).where(table.c.number == number))


def _left_behind(connection: Connection, seen: int) -> tuple[list[str], int]:
    """The customers whose events were there at the last look already, longest waiting first, and the newest number now."""
    stale = select(table.c.customer_id).where(table.c.number <= seen).group_by(table.c.customer_id).order_by(func.min(table.c.number)).limit(_AT_ONCE)
    newest = connection.execute(select(func.max(table.c.number))).scalar()
    return list(connection.execute(stale).scalars()), newest or 0
