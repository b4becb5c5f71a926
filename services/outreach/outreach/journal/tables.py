"""The journal's tables.

`number` is the order of arrival, which for one customer is the order of the topic. Events are kept as they lay on the topic
(`record`), so that whatever is personal in them has the one door of the contracts. Of a playbook the digests of its files are
kept (`files`, JSON by path), so that one can tell which of them are still the same.
"""

from sqlalchemy import BigInteger, Column, Engine, Index, Integer, MetaData, SmallInteger, String, Table, Text

metadata = MetaData()

events = Table(
    "care_events",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("customer_id", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("recorded", BigInteger, nullable=False),
    Column("record", Text, nullable=False),
)
Index("care_events_identity", events.c.customer_id, events.c.source, events.c.id, unique=True)

decisions = Table(
    "care_decisions",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("customer_id", Text, nullable=False),
    Column("digest", String(32), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("rule", Text, nullable=False),
    Column("occurrence", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("detail", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("command_id", Text, nullable=False),
    Column("until", BigInteger),
    Column("playbook", Text, nullable=False),
)
Index("care_decisions_identity", decisions.c.customer_id, decisions.c.digest, unique=True)

messages = Table(
    "care_messages",
    metadata,
    Column("command_id", Text, primary_key=True),
    Column("customer_id", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("rank", SmallInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("rule", Text, nullable=False),
    Column("letter", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("class", Text, nullable=False),
    Column("reason", Text, nullable=False),
)
Index("care_messages_customer", messages.c.customer_id)
Index("care_messages_at", messages.c.at)

playbooks = Table(
    "care_playbooks",
    metadata,
    Column("version", Text, primary_key=True),
    Column("revision", Text, nullable=False),
    Column("first_seen", BigInteger),
    Column("files", Text, nullable=False),
)

erasures = Table("care_erasures", metadata, Column("customer_id", Text, primary_key=True), Column("at", BigInteger, nullable=False))

OF_CUSTOMERS = (events, decisions, messages)


def prepare(engine: Engine) -> None:
    """Creates the tables where they are missing; safe to call from several processes at once."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7263003)")
        metadata.create_all(connection)
