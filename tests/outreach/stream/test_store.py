"""A partition's database: read by customer, read by time, written as a whole."""

import time
from pathlib import Path

import pytest
from outreach.stream.batch import agenda_key
from outreach.stream.keys import Marker, table_changes
from outreach.stream.rocks import Rocks
from outreach.stream.store import Store

OFFSET_KEY = b"__faust\0offset__"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(Rocks().open(tmp_path / "p"), OFFSET_KEY)


def write(store: Store, agenda: dict[bytes, bytes | None] | None = None, customers: dict[bytes, bytes | None] | None = None) -> None:
    store.write(table_changes(customers or {}, agenda or {}, None, Marker(7, 8, 9)), 41)


def arm(store: Store, *dues: int) -> None:
    write(store, {agenda_key(due, b"c%d" % due): b"" for due in dues})


def test_a_customer_is_found_and_a_deleted_one_is_not(store: Store) -> None:
    write(store, customers={b"c": b"1"})
    assert store.customer(b"c") == b"1"
    write(store, customers={b"c": None})
    assert store.customer(b"c") is None


def test_marker_and_changelog_offset_are_there_after_opening_again(tmp_path: Path) -> None:
    first = Store(Rocks().open(tmp_path / "p"), OFFSET_KEY)
    write(first)
    del first
    database = Rocks().open(tmp_path / "p")
    assert Store(database, OFFSET_KEY).marker() == Marker(7, 8, 9)
    assert database.get(OFFSET_KEY) == b"41"


def test_what_is_due_comes_in_time_order_and_up_to_the_moment(store: Store) -> None:
    arm(store, 300, 100, 200)
    assert store.due(200, 10) == [(100, b"c100"), (200, b"c200")]
    assert store.due(300, 2) == [(100, b"c100"), (200, b"c200")]
    assert store.first_due() == 100


def test_an_empty_agenda_has_nothing_due_whatever_else_is_stored(store: Store) -> None:
    write(store, customers={b"c": b"1"})
    assert (store.first_due(), store.due(2**60, 10)) == (None, [])


def test_an_earlier_entry_is_seen_after_a_later_one_was_looked_at(store: Store) -> None:
    arm(store, 500)
    assert store.first_due() == 500
    arm(store, 100)
    assert store.first_due() == 100


def test_an_entry_armed_after_the_agenda_was_seen_empty_is_seen(store: Store) -> None:
    assert store.first_due() is None
    arm(store, 100)
    assert store.first_due() == 100


def test_looking_for_what_is_due_stays_quick_after_many_deletions(store: Store) -> None:
    dues = range(1_000, 51_000)
    arm(store, *dues, 10**9)
    write(store, {agenda_key(due, b"c%d" % due): None for due in dues})
    assert store.first_due() == 10**9
    start = time.perf_counter()
    for _ in range(1000):
        store.first_due()
    assert (time.perf_counter() - start) / 1000 < 0.001
