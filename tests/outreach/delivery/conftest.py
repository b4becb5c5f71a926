"""What the courier's tests stand on: real databases, a real ledger, a scripted or a real mail server."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from care_contracts import suppression
from outreach.database import open_engine
from outreach.delivery.run import prepare
from sqlalchemy import Engine


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    engine = open_engine(database)
    prepare(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def suppressions() -> suppression.Suppressions:
    return suppression.Suppressions(secrets.token_bytes(16))


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Engine]:
    """For what does not depend on the database."""
    engine = open_engine(f"sqlite:///{tmp_path / 'care.db'}")
    prepare(engine)
    yield engine
    engine.dispose()
