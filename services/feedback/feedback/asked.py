"""What each command asked of whom, in SQL: it gives a link's command id its meaning. The address is personal and goes when the link expires."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from care_contracts.clock import DAY_MS
from care_contracts.records import Command
from sqlalchemy import BigInteger, Column, Connection, Index, String, Table, delete, select

from feedback.database import insert, metadata

LINK_MS = 90 * DAY_MS

table = Table(
    "care_asked",
    metadata,
    Column("command_id", String(26), primary_key=True),
    Column("customer_id", String, nullable=False),
    Column("address", String, nullable=False),
    Column("rule", String, nullable=False),
    Column("letter", String, nullable=False),
    Column("purpose", String, nullable=False),
    Column("survey", String, nullable=False),
    Column("language", String, nullable=False),
    Column("order_id", String, nullable=False),
    Column("ticket_id", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
)
Index("care_asked_expires", table.c.expires)
Index("care_asked_address", table.c.address)


@dataclass(frozen=True, slots=True)
class Asked:
    """A letter, as far as an answer to it needs. `at` is when it was decided, `expires` when its links end (ms since 1970)."""

    command_id: str
    customer_id: str
    address: str
    rule: str
    letter: str
    purpose: str
    survey: str
    language: str
    order_id: str
    ticket_id: str
    at: int
    expires: int


def asked_by(command: Command) -> Asked | None:
    """What a command asks of its customer; None for commands that are no letter to a customer and hence carry no links."""
    if command.kind != "send" or not command.address:
        return None
    about = _about(command.context)
    return Asked(
        command_id=_plain(command.command_id),
        customer_id=_plain(command.customer_id),
        address=_plain(command.address),
        rule=_plain(command.rule),
        letter=_plain(command.what),
        purpose=_plain(command.purpose),
        survey=_plain(command.survey),
        language=_plain(command.language),
        order_id=_plain(about.get("order_id")),
        ticket_id=_plain(about.get("ticket_id")),
        at=command.at,
        expires=command.due + LINK_MS,
    )


def _about(context: Any) -> Mapping[str, Any]:
    event = context.get("event") if isinstance(context, Mapping) else None
    return event if isinstance(event, Mapping) else {}


def _plain(value: Any) -> str:
    """Text that every database takes: PostgreSQL refuses NUL."""
    return "" if value is None else str(value).replace("\0", "")


def remember(connection: Connection, letters: Sequence[Asked]) -> None:
    """Keeps what was asked; repeating it changes nothing."""
    if letters:
        connection.execute(insert(connection)(table).on_conflict_do_nothing(), [asdict(letter) for letter in letters])


def recall(connection: Connection, command_id: str) -> Asked | None:
    """What the command asked, or None while (or when no longer) nothing is known of it."""
    row = connection.execute(select(table).where(table.c.command_id == command_id)).one_or_none()
    return Asked(*row) if row else None


def lately(connection: Connection, address: str, most: int) -> list[Asked]:
    """The letters to an address, newest first."""
    rows = connection.execute(select(table).where(table.c.address == address).order_by(table.c.at.desc()).limit(most))
    return [Asked(*row) for row in rows]


def forget(connection: Connection, now: int) -> int:
    """Deletes what no valid link can name any more (links live until the next full hour, and a day of grace); gives how many."""
    return connection.execute(delete(table).where(table.c.expires < now - DAY_MS)).rowcount
