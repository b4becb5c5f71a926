"""Records are kept however long the database is away, and one that can never be kept holds up nobody."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest
from care_contracts.records import Event
from care_contracts.topics import EVENTS
from care_contracts.wire import encode_event
from outreach.backoff import Backoff
from outreach.database import open_engine
from outreach.journal import tables
from outreach.journal.keeping import UNREADABLE_IN_A_ROW, Keeping, TooManyUnreadable
from outreach.journal.metrics import metrics
from outreach.journal.reading import past_of
from prometheus_client import CollectorRegistry
from sqlalchemy import Engine

from tests.waiting import until

QUICK = Backoff(0.01, 0.05)


@dataclass(frozen=True)
class Record:
    """What the consumer hands over."""

    value: bytes
    key: bytes = b"ada"
    topic: str = EVENTS.name
    partition: int = 0
    offset: int = 0


def record(name: str) -> Record:
    return Record(encode_event(Event(name, "shop", "order.placed", "ada", 1, 1, {"order_id": "A1"})))


def keeping(engine: Engine) -> Keeping:
    return Keeping(engine, metrics(CollectorRegistry()), QUICK)


async def test_it_waits_for_a_database_that_is_away(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'later' / 'care.db'}")
    keeper = keeping(engine)
    waiting = asyncio.create_task(keeper.keep([record("e1")]))
    await until(lambda: not keeper.reachable)
    (tmp_path / "later").mkdir()
    tables.prepare(engine)
    await waiting
    assert keeper.reachable
    assert [event.id for event in past_of(engine, "ada").events] == ["e1"]
    engine.dispose()


async def test_one_that_the_database_refuses_holds_up_nobody(engine: Engine) -> None:
    keeper = keeping(engine)
    await keeper.keep([record("e1"), record("e\x00"), record("e2")])
    refused = keeper.metrics.unreadable.labels(EVENTS.name)._value.get()
    assert refused == (1 if engine.dialect.name == "postgresql" else 0), "PostgreSQL's text cannot hold the character NUL"
    assert {"e1", "e2"} <= {event.id for event in past_of(engine, "ada").events}


async def test_one_that_cannot_be_read_is_left_out_and_too_many_in_a_row_end_the_process(engine: Engine) -> None:
    keeper = keeping(engine)
    nonsense = [Record(b"{")] * (UNREADABLE_IN_A_ROW - 1)
    await keeper.keep([*nonsense, record("e1"), *nonsense])
    with pytest.raises(TooManyUnreadable):
        await keeper.keep([Record(b"{")])
    assert [event.id for event in past_of(engine, "ada").events] == ["e1"]
