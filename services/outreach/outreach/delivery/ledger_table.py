"""The ledger's table: a row per command.

`wake` (real ms since 1970) is the moment from which any courier may take the row up: the end of a claim's lease, or the
moment of the next try. It is empty once nothing is left to do, which includes telling the stream.
"""

from typing import Any

from sqlalchemy import BigInteger, Column, Engine, Index, Integer, LargeBinary, MetaData, Row, String, Table

from outreach.delivery.claims import Claim, Known
from outreach.delivery.outcome import Category, Outcome, State

REASON_CHARACTERS = 200

metadata = MetaData()
table = Table(
    "care_ledger",
    metadata,
    Column("command_id", String(64), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("owner", String(100), nullable=False),
    Column("wake", BigInteger),
    Column("at", BigInteger, nullable=False),
    Column("category", String(16), nullable=False),
    Column("reason", String(REASON_CHARACTERS), nullable=False),
    Column("command", LargeBinary),
)
_AWAKE = table.c.wake.is_not(None)
_DOUBTFUL = table.c.state == State.IN_DOUBT.value
Index("care_ledger_wake", table.c.wake, sqlite_where=_AWAKE, postgresql_where=_AWAKE)
Index("care_ledger_in_doubt", table.c.state, sqlite_where=_DOUBTFUL, postgresql_where=_DOUBTFUL)


def prepare(engine: Engine) -> None:
    """Creates the table where it is missing; safe to call from several processes at once."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7263002)")
        metadata.create_all(connection)


def outcome_columns(outcome: Outcome) -> dict[str, str]:
    """An outcome as column values."""
    return {"state": outcome.state.value, "category": outcome.category.value, "reason": outcome.reason[:REASON_CHARACTERS]}


def first_row(claim: Claim, owner: str) -> dict[str, Any]:
    """The row of a command that the ledger did not know before."""
    key = {"command_id": claim.command_id, "attempts": 1, "owner": owner, "wake": claim.until, "at": claim.at, "command": claim.command}
    return key | outcome_columns(Outcome(State.ATTEMPTING))


def known(row: Row[Any]) -> Known:
    """A row of the table as a value."""
    return Known(Outcome(State(row.state), Category(row.category), row.reason), row.attempts, row.owner, row.wake, row.at)
