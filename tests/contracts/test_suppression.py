"""The suppression table: who must not be written to, remembered without naming anybody."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from care_contracts.suppression import EVERYTHING, Suppressions, prepare
from sqlalchemy import Connection, Engine, create_engine

ANNA, BEN = "anna@northwind.example", "ben@northwind.example"
LIST = Suppressions(b"a key of some length")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = create_engine(f"sqlite:///{tmp_path}/care.db")
    prepare(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.begin() as connection:
        yield connection


def test_nobody_is_stopped_at_first(connection: Connection) -> None:
    assert LIST.stopped(connection, [(ANNA, "care")]) == set()


def test_an_unsubscription_stops_its_purpose_and_no_other(connection: Connection) -> None:
    LIST.add(connection, ANNA, "survey", "unsubscribed", 1)
    assert LIST.stopped(connection, [(ANNA, "survey"), (ANNA, "care"), (BEN, "survey")]) == {(ANNA, "survey")}


def test_a_complaint_stops_everything(connection: Connection) -> None:
    LIST.add(connection, ANNA, EVERYTHING, "complained", 1)
    assert LIST.stopped(connection, [(ANNA, "survey"), (ANNA, "care")]) == {(ANNA, "survey"), (ANNA, "care")}


def test_an_address_is_the_same_however_it_is_written(connection: Connection) -> None:
    LIST.add(connection, " Anna@Northwind.Example", "care", "unsubscribed", 1)
    assert LIST.stopped(connection, [(ANNA, "care")]) == {(ANNA, "care")}


def test_saying_it_twice_changes_nothing(connection: Connection) -> None:
    LIST.add(connection, ANNA, "care", "unsubscribed", 1)
    LIST.add(connection, ANNA, "care", "complained", 2)
    assert LIST.stopped(connection, [(ANNA, "care")]) == {(ANNA, "care")}


def test_a_customer_can_come_back(connection: Connection) -> None:
    LIST.add(connection, ANNA, "care", "unsubscribed", 1)
    LIST.lift(connection, ANNA, "care")
    assert LIST.stopped(connection, [(ANNA, "care")]) == set()


def test_preparing_again_keeps_what_is_there(engine: Engine) -> None:
    with engine.begin() as connection:
        LIST.add(connection, ANNA, "care", "unsubscribed", 1)
    prepare(engine)
    with engine.begin() as connection:
        assert LIST.stopped(connection, [(ANNA, "care")])


def test_the_file_names_nobody(engine: Engine, tmp_path: Path) -> None:
    with engine.begin() as connection:
        LIST.add(connection, ANNA, "care", "unsubscribed", 1)
    database = sqlite3.connect(tmp_path / "care.db")
    dump = "\n".join(database.iterdump())
    database.close()
    assert "unsubscribed" in dump
    assert "anna" not in dump.lower()
