"""Stops the letters when too many bounce or are complained about, before the mailbox providers stop believing us; a person lets them go on."""

import logging
from dataclasses import dataclass, field

from care_contracts import reputation
from care_contracts.clock import DAY_MS
from care_contracts.reputation import Counts
from sqlalchemy import BigInteger, Column, Connection, Engine, MetaData, String, Table, select, update
from sqlalchemy.dialects import postgresql, sqlite

from outreach.delivery.ledger_table import table as ledger
from outreach.delivery.outcome import Category, State

log = logging.getLogger(__name__)

WINDOW_MS = DAY_MS
EVERY_MS = 5_000
_BOUNCES = (0.02, 0.05, 5)  # the rates that warn and that stop, and how many it takes, so that a few people never stop everything
_COMPLAINTS = (0.0005, 0.001, 2)

metadata = MetaData()
table = Table(
    "care_brake",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("since", BigInteger, nullable=False),  # what was before is forgiven; real ms since 1970
    Column("why", String(200), nullable=False),  # "" while the letters go
)
_MAIL = table.c.name == "mail"


def prepare(engine: Engine) -> None:
    """Creates the table where it is missing; safe to call from several processes at once."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7263004)")
        metadata.create_all(connection)
        insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
        connection.execute(insert(table).values(name="mail", since=0, why="").on_conflict_do_nothing())


@dataclass(slots=True)
class Brake:
    """What every courier on this database goes by: one that finds the rates too bad stops them all. `stopped` and `warning` are "" while all is well."""

    engine: Engine
    counts: Counts = field(default_factory=Counts)
    stopped: str = ""
    warning: str = ""
    _looked: int = 0

    def look(self, now: int) -> None:
        """Looks at the rates of the last day, at most every five seconds; `now` in real ms."""
        if now - self._looked < EVERY_MS:
            return
        self._looked = now
        with self.engine.begin() as connection:
            row = connection.execute(select(table).where(_MAIL)).one()
            self.counts = reputation.counts(connection, max(now - WINDOW_MS, row.since))
            why = row.why or _worst(self.counts, 1)
            if why and not row.why:
                connection.execute(update(table).where(_MAIL).values(why=why))
                log.error("letters are stopped: %s; `care resume` lets them go on", why)
        self.stopped, self.warning = why, _worst(self.counts, 0)

    @property
    def remark(self) -> str:
        """What an operator should know."""
        return f"letters are stopped: {self.stopped}" if self.stopped else self.warning


def resume(connection: Connection, now: int) -> str:
    """Forgives what was until the next full hour (`now` in real ms), lets the letters go on, those put off at once; gives why they were stopped."""
    why: str = connection.execute(select(table.c.why).where(_MAIL)).scalar_one()
    connection.execute(update(table).where(_MAIL).values(why="", since=now + 1))
    put_off = (ledger.c.state == State.RETRY_AT.value) & (ledger.c.category == Category.STOPPED.value)
    connection.execute(update(ledger).where(put_off).values(wake=now))
    return why


def _worst(counts: Counts, level: int) -> str:
    for what, number, limits in (("were complained about", counts.complained, _COMPLAINTS), ("bounced", counts.bounced, _BOUNCES)):
        if number >= limits[2] and number / max(1, counts.sent) >= limits[level]:
            return f"{number} of {counts.sent} letters of the last day {what}"
    return ""
