"""What a worker wrote behind its successor's back does not take customers back when their partition is recovered."""

from outreach.stream.keys import MARKER, Marker, table_changes
from outreach.stream.rightful import Rightful

Change = tuple[bytes, bytes | None]


def batch(marker: Marker, **customers: bytes) -> list[Change]:
    return list(table_changes({name.encode(): value for name, value in customers.items()}, {}, None, marker))


def recovered(*batches: list[Change], stored: Marker | None = None) -> dict[bytes, bytes | None]:
    rightful = Rightful(lambda _: stored or Marker())
    table: dict[bytes, bytes | None] = {}
    for key, value in (change for each in batches for change in each):
        mark = rightful.instead(0, key, value)
        table |= {key: value} if mark is None else {MARKER: mark}
    return table


def test_batches_that_continue_one_another_all_count() -> None:
    table = recovered(batch(Marker(5), ann=b"1"), batch(Marker(9), ann=b"2"), batch(Marker(9, 1), bob=b"1"))
    assert table == {b"m": Marker(9, 1).packed(), b"cann": b"2", b"cbob": b"1"}


def test_a_late_batch_of_a_predecessor_is_passed_over_and_what_follows_counts_again() -> None:
    table = recovered(batch(Marker(5), ann=b"1"), batch(Marker(20), ann=b"9"), batch(Marker(8), ann=b"2", bob=b"1"), batch(Marker(21), cleo=b"1"))
    assert table == {b"m": Marker(21).packed(), b"cann": b"9", b"ccleo": b"1"}


def test_what_the_kept_database_holds_already_counts_as_before() -> None:
    assert recovered(batch(Marker(8), ann=b"2"), stored=Marker(20)) == {b"m": Marker(20).packed()}


def test_parts_of_a_long_tick_have_one_marker_and_all_count() -> None:
    assert recovered(batch(Marker(5, 1), ann=b"1"), batch(Marker(5, 1), bob=b"1")).keys() == {b"m", b"cann", b"cbob"}


def test_records_left_over_by_compaction_without_their_marker_count() -> None:
    assert recovered([(b"cann", b"1")], batch(Marker(8), bob=b"2")).keys() == {b"m", b"cann", b"cbob"}
