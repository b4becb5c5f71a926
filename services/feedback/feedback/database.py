"""The database that feedback keeps its tables in: SQLite or PostgreSQL, by URL."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from care_contracts import reputation, suppression
from sqlalchemy import Connection, Engine, MetaData, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite

metadata = MetaData()

T = TypeVar("T")

_BUSY_S = 5
_POSTGRES = {"connect_timeout": 3, "tcp_user_timeout": 5000, "options": "-c statement_timeout=5000"}


@dataclass(frozen=True)
class Database:
    """Runs transactions in threads of its own: one for SQLite, which has one writer anyway, a few for PostgreSQL."""

    engine: Engine
    threads: ThreadPoolExecutor

    async def transact(self, work: Callable[[Connection], T]) -> T:
        """Runs `work` in one transaction; what it returns is committed when this returns. Raises SQLAlchemyError."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, self._transact, work)

    def _transact(self, work: Callable[[Connection], T]) -> T:
        with self.engine.begin() as connection:
            return work(connection)

    async def prepare(self) -> None:
        """Creates the tables where they are missing; safe to call from several processes at once."""
        for prepare in (suppression.prepare, reputation.prepare):
            await asyncio.get_running_loop().run_in_executor(self.threads, prepare, self.engine)
        await self.transact(_create)

    def close(self) -> None:
        """Lets the connections go."""
        self.threads.shutdown()
        self.engine.dispose()


def open_database(url: str) -> Database:
    """The database of a SQLAlchemy URL; connects at its first use. Errors never show a statement's values, which are personal."""
    lite = make_url(url).get_backend_name() == "sqlite"
    engine = create_engine(url, hide_parameters=True, pool_pre_ping=not lite, connect_args={"timeout": _BUSY_S} if lite else _POSTGRES)
    if lite:
        event.listen(engine, "connect", _share_file)
    return Database(engine, ThreadPoolExecutor(1 if lite else 4, "database"))


def _create(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7263003)")
    metadata.create_all(connection)
    for index in (index for table in metadata.tables.values() for index in table.indexes):
        index.create(connection, checkfirst=True)  # one that came later than its table


def _share_file(connection: Any, _record: Any) -> None:
    """Write-ahead log, because the courier shares the file; FULL, because what was answered must survive a power cut; half a MiB of cache."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA cache_size=-512")


def insert(connection: Connection) -> Callable[[Any], Any]:
    """The dialect's INSERT, which knows ON CONFLICT. Every transaction that writes begins with a write, so that SQLite takes its lock at once."""
    return postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
