"""The suppression table: who must not be written to; feedback commits to it before it answers, the courier reads it before MAIL."""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, Connection, Engine, MetaData, String, Table, and_, delete, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

EVERYTHING = "*"

metadata = MetaData()
table = Table(
    "care_suppression",
    metadata,
    Column("address_hash", String(64), primary_key=True),
    Column("scope", String(32), primary_key=True),
    Column("reason", String(32), nullable=False),
    Column("at", BigInteger, nullable=False),
)


def prepare(engine: Engine) -> None:
    """Creates the table where it is missing; safe to call from several processes at once."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7263001)")
        metadata.create_all(connection)


@dataclass(frozen=True)
class Suppressions:
    """Access to the table. Addresses are kept only as HMAC-SHA256 under `key`, so that the table names nobody."""

    key: bytes

    def add(self, connection: Connection, address: str, scope: str, reason: str, at: int) -> None:
        """Stops every message of purpose `scope` (or EVERYTHING) to `address`; `at` in ms since 1970. Repeating it changes nothing."""
        insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        row = {"address_hash": self._hash(address), "scope": scope, "reason": reason, "at": at}
        connection.execute(insert(table).values(row).on_conflict_do_nothing())

    def lift(self, connection: Connection, address: str, scope: str) -> None:
        """Allows purpose `scope` again, after the customer said so."""
        connection.execute(delete(table).where(and_(table.c.address_hash == self._hash(address), table.c.scope == scope)))

    def stopped(self, connection: Connection, wanted: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
        """Those of the (address, purpose) pairs that must not be written to."""
        asked = {pair: self._hash(pair[0]) for pair in wanted}
        keys = {(digest, scope) for (_, purpose), digest in asked.items() for scope in (purpose, EVERYTHING)}
        rows = connection.execute(select(table.c.address_hash, table.c.scope).where(tuple_(table.c.address_hash, table.c.scope).in_(keys)))
        found = {tuple(row) for row in rows}
        return {pair for pair, digest in asked.items() if (digest, pair[1]) in found or (digest, EVERYTHING) in found}

    def _hash(self, address: str) -> str:
        return hmac.digest(self.key, address.strip().lower().encode(), "sha256").hex()
