"""How our letters are received, counted by the hour: the courier counts what it sends, whoever hears of a bounce or a complaint counts that."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import BigInteger, Column, Connection, Engine, MetaData, String, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite

HOUR_MS = 3_600_000

metadata = MetaData()
table = Table(
    "care_reputation",
    metadata,
    Column("hour", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(16), primary_key=True),
    Column("count", BigInteger, nullable=False),
)


class Kind(StrEnum):
    """What is counted. A letter that the server refuses because there is no such mailbox is sent and bounced."""

    SENT = "sent"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many letters of a time were sent, came back, and were complained about."""

    sent: int = 0
    bounced: int = 0
    complained: int = 0


def prepare(engine: Engine) -> None:
    """Creates the table where it is missing; safe to call from several processes at once."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7263003)")
        metadata.create_all(connection)


def count(connection: Connection, kind: Kind, at: int, how_many: int = 1) -> None:
    """Adds to the hour of `at` (real ms since 1970)."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    row = insert(table).values(hour=at // HOUR_MS, kind=kind.value, count=how_many)
    more = {"count": table.c.count + row.excluded["count"]}  # `excluded.count` is a method of the collection
    connection.execute(row.on_conflict_do_update(index_elements=[table.c.hour, table.c.kind], set_=more))


def counts(connection: Connection, since: int) -> Counts:
    """Of the hours that began at `since` (real ms) or later."""
    asked = select(table.c.kind, func.sum(table.c.count)).where(table.c.hour * HOUR_MS >= since).group_by(table.c.kind)
    return Counts(**{kind: int(number) for kind, number in connection.execute(asked)})
