"""A journal that is written as the process writes it: what the core decides goes through the topics' bytes into SQL."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from care_contracts.clock import parse_rfc3339
from care_contracts.records import Decision, Event
from care_contracts.topics import DECISIONS, EVENTS
from care_contracts.wire import encode_decision, encode_event
from outreach.cli.__main__ import app
from outreach.core.customer import Customer
from outreach.core.decide import Tick, decide
from outreach.core.rules import Playbook
from outreach.database import open_engine
from outreach.journal import tables
from outreach.journal.rows import Row, rows_of
from outreach.journal.writing import write
from outreach.playbook.load import load_folder
from sqlalchemy import Engine
from typer.testing import CliRunner

PLAYBOOK = Path(__file__).with_name("playbook")


def ms(text: str) -> int:
    """`2026-03-02 10:00` in UTC as milliseconds."""
    return parse_rfc3339(text.replace(" ", "T") + ":00Z")


def kept(*happened: Event | Decision) -> list[Row]:
    """The rows that records come to."""
    rows: list[Row] = []
    for one in happened:
        topic, value = (EVENTS.name, encode_event(one)) if isinstance(one, Event) else (DECISIONS.name, encode_decision(one))
        rows += rows_of(topic, one.customer_id.encode(), value)
    return rows


@dataclass
class Story:
    """Events happen to a customer and time passes; the core decides, the journal remembers, `explain` tells."""

    url: str
    engine: Engine
    playbook: Playbook
    folder: Path = PLAYBOOK
    customer: Customer = field(default_factory=lambda: Customer("ada"))
    number: int = 0

    def happens(self, at: str, event_type: str, *, time: str = "", history: bool = False, **data: Any) -> None:
        self.number += 1
        event = Event(f"e{self.number}", "shop", event_type, self.customer.id, ms(time or at), ms(at), data, history)
        write(self.engine, kept(event))
        self._decide(event)

    def time_passes(self, to: str) -> None:
        self._decide(Tick(ms(to)))

    def courier_says(self, at: str, kind: str, rule: str, **data: Any) -> None:
        """What the courier tells of the letter that the rule released last."""
        command = next(sent.command_id for sent in reversed(self.customer.sent) if sent.rule == rule)
        self.happens(at, kind, command_id=command, rule=rule, letter="note", **data)

    def _decide(self, happening: Event | Tick) -> None:
        decided = decide(self.customer, happening, self.playbook)
        self.customer = decided.customer
        write(self.engine, kept(*decided.decisions))

    def explained(self, now: str, *words: str, exit_code: int = 0) -> str:
        """What `care explain` prints at the moment `now`, when the clock stands still."""
        told = {"CARE_DATABASE_URL": self.url, "CARE_PLAYBOOK": str(self.folder), "CARE_CLOCK": f"{now.replace(' ', 'T')}:00Z@0.0x"}
        done = CliRunner().invoke(app, ["explain", *words], env=told)
        assert done.exit_code == exit_code, (done.output, done.exception)
        return done.output


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    """A database of either kind with the journal's tables."""
    engine = open_engine(database)
    tables.prepare(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def tell(tmp_path: Path) -> Iterator[Callable[[], Story]]:
    """Begins a story with an empty journal and the tests' playbook."""
    url = f"sqlite:///{tmp_path / 'care.db'}"
    engine = open_engine(url)
    tables.prepare(engine)
    yield lambda: Story(url, engine, load_folder(PLAYBOOK).playbook)
    engine.dispose()
