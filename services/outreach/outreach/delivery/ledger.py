"""The ledger's statements: commands are claimed before MAIL and settled after the answer; several couriers share the table.

Rows are written in the order of their ids, so that couriers do not wait for each other in a circle.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any

from care_contracts import reputation
from care_contracts.clock import Clock
from care_contracts.reputation import Kind
from care_contracts.suppression import EVERYTHING, Suppressions
from sqlalchemy import Connection, Engine, bindparam, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from outreach.delivery.claims import NOT_MINE, Claim, Known, Standing, stand
from outreach.delivery.ledger_table import first_row, known, outcome_columns, table
from outreach.delivery.outcome import Category, Outcome, State

_REAL = Clock()  # mailbox providers know only real time
_SETTLED = ("state", "category", "reason", "at", "wake")


@dataclass(frozen=True, slots=True)
class Settle:
    """What became of a claimed command at the clock's `at`; `wake` in real ms; `suppress` is an address that must not be written to again.

    A `letter` counts for our reputation.
    """

    command_id: str
    outcome: Outcome
    at: int
    wake: int
    suppress: str = ""
    letter: bool = False


@dataclass(frozen=True, slots=True)
class Announced:
    """The stream knows what became of a command: nothing is left to do. Only what is in doubt keeps its bytes, for a person to decide."""

    command_id: str


Operation = Claim | Settle | Announced


@dataclass(frozen=True, slots=True)
class Ledger:
    """Access to the table for one courier; `owner` is `instance/life`, and another life of the same named instance is over."""

    engine: Engine
    suppressions: Suppressions
    owner: str

    def end_earlier_lives(self, now: int) -> None:
        """Claims of this instance's earlier processes need no lease to run out: they are dead."""
        instance = self.owner.rpartition("/")[0]
        if not instance:
            return
        theirs = table.c.owner.startswith(f"{instance}/", autoescape=True) & (table.c.owner != self.owner)
        with self.engine.begin() as connection:
            connection.execute(update(table).where(theirs, table.c.wake > now, table.c.state != State.RETRY_AT.value).values(wake=now))

    def apply(self, operations: Sequence[Operation]) -> list[Standing]:
        """All of them in one transaction; a standing for each, which means something for claims. No two claims may be for the same command."""
        claims = [operation for operation in operations if isinstance(operation, Claim)]
        with self.engine.begin() as connection:
            standings = self._claim(connection, claims)
            settled = [operation for operation in operations if isinstance(operation, Settle)]
            self._settle(connection, settled)
            self._count(connection, settled, _REAL.now())
            self._announced(connection, [operation.command_id for operation in operations if isinstance(operation, Announced)])
        return [standings[operation.command_id] if isinstance(operation, Claim) else NOT_MINE for operation in operations]

    def waking(self, now: int, limit: int) -> list[bytes]:
        """The commands of rows that nobody works on and that are due, longest waiting first."""
        asked = select(table.c.command).where(table.c.wake <= now, table.c.command.is_not(None)).order_by(table.c.wake).limit(limit)
        with self.engine.connect() as connection:
            return [row.command for row in connection.execute(asked)]

    def count(self, state: State) -> int:
        """How many rows are in a state."""
        with self.engine.connect() as connection:
            return connection.execute(select(func.count()).where(table.c.state == state.value)).scalar_one()

    def _claim(self, connection: Connection, claims: Sequence[Claim]) -> dict[str, Standing]:
        """Inserts what is new and judges what is known; the suppression table is read last, in the same transaction."""
        if not claims:
            return {}
        insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        statement = insert(table).on_conflict_do_nothing().returning(table.c.command_id)
        rows = sorted((first_row(claim, self.owner) for claim in claims), key=itemgetter("command_id"))
        new = set(connection.execute(statement, rows).scalars())
        earlier = self._known(connection, [claim.command_id for claim in claims if claim.command_id not in new])
        standings = {claim.command_id: self._stand(connection, claim, earlier.get(claim.command_id)) for claim in claims}
        asked = {claim.command_id: (claim.address, claim.purpose) for claim in claims if standings[claim.command_id].mine}
        stopped = self.suppressions.stopped(connection, asked.values()) if asked else set()
        return {key: replace(standing, stopped=asked.get(key) in stopped) for key, standing in standings.items()}

    def _known(self, connection: Connection, command_ids: Sequence[str]) -> dict[str, Known]:
        if not command_ids:
            return {}
        asked = select(table).where(table.c.command_id.in_(command_ids)).order_by(table.c.command_id).with_for_update()
        return {row.command_id: known(row) for row in connection.execute(asked)}

    def _stand(self, connection: Connection, claim: Claim, earlier: Known | None) -> Standing:
        if earlier is None:
            return Standing(mine=True)
        standing = stand(earlier, claim, self.owner)
        if standing.mine:
            outcome = standing.outcome or Outcome(State.ATTEMPTING)
            values = outcome_columns(outcome) | {"attempts": standing.attempts, "owner": self.owner, "wake": claim.until, "at": standing.at or claim.at}
            connection.execute(update(table).where(table.c.command_id == claim.command_id).values(values))
        return standing

    def _settle(self, connection: Connection, settled: Sequence[Settle]) -> None:
        """Only the owner settles; but what is known for certain ends a doubt, and a 250 is true whoever owns the row by now."""
        if not settled:
            return
        may = or_(table.c.owner == self.owner, table.c.state == State.IN_DOUBT.value, bindparam("new_state") == State.SENT.value)
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in _SETTLED}
        statement = update(table).where(table.c.command_id == bindparam("key"), may).values(owner=self.owner, **values)
        connection.execute(statement, sorted(map(_new_values, settled), key=itemgetter("key")))
        for settle in settled:
            if settle.suppress:
                self.suppressions.add(connection, settle.suppress, EVERYTHING, settle.outcome.reason[:32], settle.at)

    def _count(self, connection: Connection, settled: Sequence[Settle], now: int) -> None:
        """Together with what is settled, so that a rate is never of two moments."""
        letters = [settle.outcome for settle in settled if settle.letter]
        bounced = sum(outcome.state is State.REFUSED and outcome.category is Category.ADDRESS for outcome in letters)
        sent = sum(outcome.state is State.SENT for outcome in letters) + bounced
        for kind, number in ((Kind.BOUNCED, bounced), (Kind.SENT, sent)):
            if number:
                reputation.count(connection, kind, now, number)

    def _announced(self, connection: Connection, command_ids: Sequence[str]) -> None:
        if not command_ids:
            return
        ours = update(table).where(table.c.command_id.in_(sorted(command_ids)), table.c.owner == self.owner)
        connection.execute(ours.where(table.c.state != State.IN_DOUBT.value).values(wake=None, command=None))
        connection.execute(ours.where(table.c.state == State.IN_DOUBT.value).values(wake=None))


def _new_values(settle: Settle) -> dict[str, Any]:
    columns = outcome_columns(settle.outcome) | {"at": settle.at, "wake": settle.wake}
    return {"key": settle.command_id} | {f"new_{name}": value for name, value in columns.items()}
