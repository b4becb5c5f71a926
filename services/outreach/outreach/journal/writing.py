"""Writes rows into the journal, many in one transaction, so that writing them again changes nothing."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Table, and_, case, delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from outreach.journal import tables
from outreach.journal.rows import Row

_ERASING = 7263004
_ASKED_AT_ONCE = 500
_ORDER = (tables.erasures, tables.events, tables.decisions, tables.messages, tables.playbooks)


def write(engine: Engine, rows: Sequence[Row]) -> dict[str, int]:
    """All rows are durable when this returns; how many they were, by table."""
    by_table: dict[Table, list[dict[str, Any]]] = {}
    for table, values in rows:
        by_table.setdefault(table, []).append(values)
    if tables.playbooks in by_table:
        by_table[tables.playbooks] = _earliest(by_table[tables.playbooks])
    with engine.begin() as connection:
        _agree_on_erasures(connection, erasing=tables.erasures in by_table)
        for table in _ORDER:
            if table in by_table:
                _insert(connection, table, by_table[table])
        _forget(connection, {values["customer_id"] for _, values in rows if "customer_id" in values})
    return {table.name: len(values) for table, values in by_table.items()}


def _agree_on_erasures(connection: Connection, *, erasing: bool) -> None:
    """Of several journals none keeps a row of somebody whom another erases at the same moment; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock{'' if erasing else '_shared'}({_ERASING})")


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Rows that are there stay as they are; of a message the latest word stays."""
    insert = (postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert)(table)
    if table is tables.messages:
        new, old = insert.excluded, table.c
        later = or_(new.rank > old.rank, and_(new.rank == old.rank, new.at < old.at))
        changed = {column.name: new[column.name] for column in table.c if not column.primary_key}
        statement = insert.on_conflict_do_update(index_elements=["command_id"], set_=changed, where=later)
    elif table is tables.playbooks:
        statement = insert.on_conflict_do_update(index_elements=["version"], set_=_more_known(insert.excluded, table.c))
    else:
        statement = insert.on_conflict_do_nothing()
    connection.execute(statement, rows)


def _more_known(new: Any, old: Any) -> dict[str, Any]:
    """Of a playbook's version the earliest sight, and whatever only one of the records tells."""
    told = {name: case((new[name] != "", new[name]), else_=old[name]) for name in ("revision", "files")}
    return told | {"first_seen": case((or_(old.first_seen.is_(None), new.first_seen < old.first_seen), new.first_seen), else_=old.first_seen)}


def _earliest(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every decision names a version: one row for each is enough, and always in the same order, so that two journals do not block each other."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in rows:
        known = found.setdefault((row["version"], row["revision"], row["files"]), dict(row))
        if row["first_seen"] is not None and row["first_seen"] < known["first_seen"]:
            known["first_seen"] = row["first_seen"]
    return [found[one] for one in sorted(found)]


def _forget(connection: Connection, customers: set[str]) -> None:
    """Whoever was erased stays erased: nothing about them is kept, whenever it comes."""
    named = sorted(customers)
    for start in range(0, len(named), _ASKED_AT_ONCE):
        some = named[start : start + _ASKED_AT_ONCE]
        erased = connection.execute(select(tables.erasures.c.customer_id).where(tables.erasures.c.customer_id.in_(some))).scalars().all()
        for table in tables.OF_CUSTOMERS if erased else ():
            connection.execute(delete(table).where(table.c.customer_id.in_(erased)))


def purge(engine: Engine, before: int, limit: int) -> int:
    """Removes at most `limit` rows of each table from before the moment `before` (ms since 1970), oldest arrivals first; how many it removed."""
    with engine.begin() as connection:
        return sum(_purge(connection, table, table.c[time], before, limit) for table, time in _TIMES)


_TIMES = ((tables.events, "recorded"), (tables.decisions, "at"), (tables.messages, "at"))


def _purge(connection: Connection, table: Table, time: Any, before: int, limit: int) -> int:
    """Looks only at the oldest rows, so that it never reads the whole table to find that nothing is old."""
    key = next(iter(table.primary_key))
    oldest = select(key.label("key"), time.label("time")).order_by(time if table is tables.messages else key).limit(limit).subquery()
    return connection.execute(delete(table).where(key.in_(select(oldest.c.key).where(oldest.c.time < before)))).rowcount


def count(engine: Engine, table: Table) -> int:
    """How many rows a table has."""
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()
