"""Keeps the database in order: makes the tables when it can be reached, and forgets letters whose links have ended, with what came back to them."""

import asyncio
import logging
from dataclasses import dataclass, field
from functools import partial

from care_contracts.clock import DAY_MS, Clock
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from feedback.asked import LINK_MS, forget
from feedback.database import Database
from feedback.patience import Patience
from feedback.said import unsay

log = logging.getLogger(__name__)

FORGET_EVERY_S = 600.0
_UNSAID_AFTER_MS = {"mailgun": 2 * DAY_MS, **dict.fromkeys(("bounced", "complained", "replied"), LINK_MS + 7 * DAY_MS)}  # calls are too old after a day


@dataclass
class Housekeeping:
    """Runs for ever; `prepared` is set once the tables are there."""

    database: Database
    clock: Clock
    prepared: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Prepares, then forgets every ten minutes; a database that is away is waited for."""
        patience = Patience()
        while True:
            try:
                await self.database.prepare()
                self.prepared.set()
                await self.database.transact(partial(_forget, now=self.clock.now()))
                patience.worked()
                await asyncio.sleep(FORGET_EVERY_S)
            except SQLAlchemyError as error:
                log.warning("the database is away: %s", type(error).__name__)
                await patience.pause()

    async def reachable(self) -> bool:
        """Whether the database answers and has the tables; raises SQLAlchemyError when it does not answer."""
        await self.database.transact(lambda connection: connection.execute(text("SELECT 1")))
        return self.prepared.is_set()


def _forget(connection: Connection, now: int) -> None:
    forget(connection, now)
    for kind, age in _UNSAID_AFTER_MS.items():
        unsay(connection, kind, now - age)
