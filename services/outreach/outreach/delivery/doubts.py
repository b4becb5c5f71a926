"""Messages that were perhaps delivered, and what a person decides about them; the courier then does it and tells the stream, as it tells every outcome."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from care_contracts.records import Command
from care_contracts.wire import decode_command
from sqlalchemy import ColumnElement, Engine, select, update

from outreach.delivery.ledger_table import known, outcome_columns, table
from outreach.delivery.outcome import Category, Outcome, State


class Decision(StrEnum):
    """What a person may decide."""

    DELIVERED = "delivered"
    LOST = "lost"
    RESEND = "resend"


_DECIDED: Mapping[Decision, Outcome] = {
    Decision.DELIVERED: Outcome(State.SENT, Category.NONE, "a person decided: delivered"),
    Decision.LOST: Outcome(State.FAILED, Category.LOST, "a person decided: lost"),
    Decision.RESEND: Outcome(State.RETRY_AT, Category.IN_DOUBT, "a person decided: send it again"),
}


@dataclass(frozen=True, slots=True)
class Doubt:
    """One of them: since when (the clock's ms), after how many attempts, and why."""

    command: Command
    at: int
    attempts: int
    reason: str


@dataclass(frozen=True, slots=True)
class Doubts:
    """The ledger's rows that wait for a person: what the stream was already told about, and nobody works on."""

    engine: Engine

    def all(self) -> list[Doubt]:
        """The oldest first."""
        asked = select(table).where(*_waiting()).order_by(table.c.at, table.c.command_id)
        with self.engine.connect() as connection:
            return [Doubt(decode_command(row.command), row.at, row.attempts, known(row).outcome.reason) for row in connection.execute(asked)]

    def one(self, command_id: str) -> Doubt | None:
        """None when there is no such command in doubt."""
        return next((doubt for doubt in self.all() if doubt.command.command_id == command_id), None)

    def decide(self, command_id: str, decision: Decision, now: int) -> bool:
        """Writes the decision down, due at `now` (real ms) for whichever courier takes it up; False when nothing waits for one any more."""
        values = {**outcome_columns(_DECIDED[decision]), "wake": now}
        with self.engine.begin() as connection:
            return connection.execute(update(table).where(*_waiting(), table.c.command_id == command_id).values(values)).rowcount == 1


def _waiting() -> tuple[ColumnElement[bool], ...]:
    return table.c.state == State.IN_DOUBT.value, table.c.wake.is_(None), table.c.command.is_not(None)
