"""A partition's database: read by customer, read by time, written as a whole."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
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


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans(), st.booleans()), max_size=40))
@settings(max_examples=25)
def test_the_first_due_moment_is_that_of_a_sorted_list_whatever_is_armed_and_cancelled(changes: list[tuple[int, bool, bool]]) -> None:
    with TemporaryDirectory() as folder:
        store, armed = Store(Rocks().open(Path(folder) / "p"), OFFSET_KEY), set[int]()
        for due, arms, looks in changes:
            (armed.add if arms else armed.discard)(due)
            write(store, {agenda_key(due, b"c%d" % due): b"" if arms else None})
            if looks:
                assert store.first_due() == min(armed, default=None)
        assert store.first_due() == min(armed, default=None)
        assert [due for due, _ in store.due(9, 100)] == sorted(armed)


def test_looking_costs_microseconds_while_nothing_is_due_and_very_many_wait(store: Store) -> None:
    arm(store, *range(10**9, 10**9 + 100_000))
    start = time.process_time()
    for _ in range(10_000):
        store.first_due()
    assert (time.process_time() - start) / 10_000 < 20e-6


def test_arming_and_cancelling_cost_as_much_among_very_many_as_among_few(store: Store) -> None:
    def seconds() -> float:
        start = time.process_time()
        for due in range(500):
            arm(store, due)
            write(store, {agenda_key(due, b"c%d" % due): None})
        return time.process_time() - start

    few = seconds()
    arm(store, *range(10**9, 10**9 + 200_000))
    assert seconds() < 5 * few + 0.05
