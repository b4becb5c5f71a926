"""Dead letters and when there are too many."""

import pytest
from outreach.stream.batch import Dead, Raw
from outreach.stream.dead import TooManyDead, dead_in_a_row, dead_letter

from tests.outreach.stream.records import events


def test_a_dead_letter_is_the_record_as_it_was_and_where_it_was_and_why() -> None:
    letter = dead_letter(Dead(Raw("care.events", 3, 17, b"k", b"\xff", (("trace", b"1"),)), "not JSON"))
    assert (letter.key, letter.value) == (b"k", b"\xff")
    assert dict(letter.headers) == {"trace": b"1", "care-topic": b"care.events", "care-partition": b"3", "care-offset": b"17", "care-why": b"not JSON"}


def test_a_record_without_a_value_stays_without() -> None:
    assert dead_letter(Dead(Raw("care.events", 0, 0, None, None), "empty")).value is None


def test_dead_records_in_a_row_are_counted_across_batches() -> None:
    batch = events(5, 6)
    assert dead_in_a_row(2, batch, [Dead(each, "x") for each in batch], at_most=50) == 4


def test_a_good_record_ends_the_row() -> None:
    batch = events(5, 6, 7)
    assert dead_in_a_row(9, batch, [Dead(batch[0], "x"), Dead(batch[2], "x")], at_most=50) == 1


def test_a_batch_without_records_changes_nothing() -> None:
    assert dead_in_a_row(9, [], [], at_most=50) == 9


def test_too_many_in_a_row_are_an_error_that_names_the_place() -> None:
    batch = events(5, 6)
    with pytest.raises(TooManyDead, match=r"care\.events\[0\] up to offset 6: 3 records in a row"):
        dead_in_a_row(1, batch, [Dead(each, "x") for each in batch], at_most=3)
