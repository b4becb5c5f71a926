"""The database as an engine: SQLite for several processes on one machine, or PostgreSQL."""

from typing import Any

from sqlalchemy import Engine, create_engine, event


def open_engine(url: str) -> Engine:
    """An engine that connects when first used. A commit is on disk when it returns (SQLite: WAL with synchronous=FULL)."""
    engine = create_engine(url, pool_pre_ping=True, pool_size=3)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _wal)
    return engine


def _wal(connection: Any, _record: object) -> None:
    for pragma in ("busy_timeout=10000", "journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}").close()
