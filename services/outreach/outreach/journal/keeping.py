"""Keeps records in the database, however long it is away; a record that can never be kept is counted and left on its topic."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from care_contracts.wire import Unreadable
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from outreach.backoff import SERVICE_AWAY, Backoff
from outreach.journal.metrics import Metrics
from outreach.journal.rows import Row, rows_of
from outreach.journal.writing import write

log = logging.getLogger(__name__)

UNREADABLE_IN_A_ROW = 20


class TooManyUnreadable(RuntimeError):
    """So many records in a row cannot be kept that the code is suspected, not the records."""


@dataclass(slots=True)
class Keeping:
    """The journal's one writer. `failures` is how often in a row the database was away."""

    engine: Engine
    metrics: Metrics
    backoff: Backoff = SERVICE_AWAY
    failures: int = 0
    _unreadable_in_a_row: int = 0

    @property
    def reachable(self) -> bool:
        """False while the database is away."""
        return self.failures == 0

    async def keep(self, records: Sequence[Any]) -> None:
        """Returns when everything in the records is durable; raises TooManyUnreadable."""
        read = [rows for record in records if (rows := self._read(record)) is not None]
        try:
            await self._durably([row for rows in read for row in rows])
        except DBAPIError as error:
            await self._one_by_one(records, error)

    async def _one_by_one(self, records: Sequence[Any], error: DBAPIError) -> None:
        """The database refuses the content: only the culprit is left out."""
        if len(records) == 1:
            self._cannot_be_kept(records[0], f"the database refuses it: {type(error.orig).__name__}")
            return
        half = len(records) // 2
        await self.keep(records[:half])
        await self.keep(records[half:])

    def _read(self, record: Any) -> list[Row] | None:
        try:
            rows = rows_of(record.topic, record.key, record.value)
        except Unreadable as error:
            self._cannot_be_kept(record, str(error))
            return None
        self._unreadable_in_a_row = 0
        return rows

    def _cannot_be_kept(self, record: Any, why: str) -> None:
        self._unreadable_in_a_row += 1
        self.metrics.unreadable.labels(record.topic).inc()
        log.error("%s[%d] offset %d is not kept: %s", record.topic, record.partition, record.offset, why)
        if self._unreadable_in_a_row >= UNREADABLE_IN_A_ROW:
            raise TooManyUnreadable(f"{record.topic}[{record.partition}] up to offset {record.offset}: {self._unreadable_in_a_row} in a row cannot be kept")

    async def _durably(self, rows: list[Row]) -> None:
        while rows:
            try:
                written = await asyncio.to_thread(write, self.engine, rows)
            except (OperationalError, InterfaceError) as error:
                self.failures += 1
                log.warning("database: expected a commit, got %s (failure %d in a row)", type(error.orig).__name__, self.failures)
                await self.backoff.pause(self.failures)
            else:
                self.failures = 0
                for table, count in written.items():
                    self.metrics.rows.labels(table).inc(count)
                return
