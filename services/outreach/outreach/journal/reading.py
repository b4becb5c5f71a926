"""What the journal knows of one customer, as the values it was made from."""

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from care_contracts.reasons import Reason, Verdict
from care_contracts.records import Decision, Event
from care_contracts.wire import decode_event
from sqlalchemy import Connection, Engine, Row, Table, select

from outreach.journal import tables

_ALIKE = 2000


@dataclass(frozen=True, slots=True)
class Message:
    """What became of a command at the courier, as far as it was told; `at` in ms since 1970, `category` whose fault a failure was."""

    state: str
    at: int
    letter: str
    category: str
    reason: str


@dataclass(frozen=True, slots=True)
class KnownVersion:
    """A version of the playbook: git's name for it, and what stands for the content of each of its files; empty where nothing is known."""

    revision: str = ""
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Past:
    """Everything about one customer, each list in the order in which it happened; times in ms since 1970."""

    customer_id: str
    events: tuple[Event, ...] = ()
    decisions: tuple[Decision, ...] = ()
    messages: Mapping[str, Message] | None = None
    versions: Mapping[str, KnownVersion] | None = None
    erased_at: int | None = None

    @property
    def is_known(self) -> bool:
        """Whether there is anything at all."""
        return bool(self.events or self.decisions or self.erased_at is not None)

    def message(self, command_id: str) -> Message | None:
        """What became of a command; None while nothing was told."""
        return (self.messages or {}).get(command_id)

    def version(self, version: str) -> KnownVersion:
        """What is known of a version of the playbook."""
        return (self.versions or {}).get(version, KnownVersion())


def past_of(engine: Engine, customer_id: str) -> Past:
    """The customer's past; raises SQLAlchemy's DBAPIError when the journal cannot be read."""
    with engine.connect() as connection:
        return Past(
            customer_id,
            tuple(decode_event(row.record.encode()) for row in _rows(connection, tables.events, customer_id, "number")),
            tuple(_decision(row) for row in _rows(connection, tables.decisions, customer_id, "number")),
            {row.command_id: _message(row) for row in _rows(connection, tables.messages, customer_id, "at")},
            {row.version: KnownVersion(row.revision, json.loads(row.files or "{}")) for row in connection.execute(select(tables.playbooks))},
            next((row.at for row in _rows(connection, tables.erasures, customer_id, "at")), None),
        )


def _rows(connection: Connection, table: Table, customer_id: str, order: str) -> Sequence[Row[Any]]:
    return connection.execute(select(table).where(table.c.customer_id == customer_id).order_by(table.c[order])).all()


def _decision(row: Row[Any]) -> Decision:
    values = {name: getattr(row, name) for name in Decision.__struct_fields__}
    return Decision(**(values | {"verdict": Verdict(row.verdict), "reason": Reason(row.reason) if row.reason else None}))


def _message(row: Row[Any]) -> Message:
    return Message(row.state, row.at, row.letter, row._mapping["class"], row.reason)  # noqa: SLF001 - SQLAlchemy's public name for columns named like keywords


def similar(engine: Engine, customer_id: str) -> str:
    """A customer of the journal whose id is much like the given one; "" when there is none."""
    column = tables.events.c.customer_id
    asked = select(column).distinct().where(column.startswith(customer_id[:1], autoescape=True)).limit(_ALIKE)
    with engine.connect() as connection:
        return next(iter(difflib.get_close_matches(customer_id, connection.execute(asked).scalars(), n=1)), "")
