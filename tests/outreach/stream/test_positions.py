"""Only records that continue where a partition stands are accepted."""

from outreach.stream.batch import Raw
from outreach.stream.positions import Positions

from tests.outreach.stream.records import events


def at(offset: int) -> Positions:
    positions = Positions()
    positions.start({"p": offset})
    return positions


def offsets(records: list[Raw] | None) -> list[int] | None:
    return None if records is None else [record.offset for record in records]


def test_nothing_is_accepted_before_a_partition_is_positioned() -> None:
    assert Positions().accept("p", events(5)) == []


def test_nothing_is_accepted_after_it_is_given_up() -> None:
    positions = at(5)
    positions.clear()
    assert positions.accept("p", events(5)) == []


def test_records_before_the_position_are_dropped() -> None:
    assert offsets(at(5).accept("p", events(3, 4, 5, 6))) == [5, 6]


def test_a_fetch_with_nothing_new_leaves_the_position() -> None:
    positions = at(5)
    assert positions.accept("p", events(3, 4)) == []
    assert positions.expected("p") == 5


def test_a_hole_is_fetched_again_and_closed() -> None:
    positions = at(5)
    assert positions.accept("p", events(8)) is None
    assert positions.expected("p") == 5
    assert offsets(positions.accept("p", events(5, 6, 7, 8))) == [5, 6, 7, 8]


def test_a_hole_that_is_still_there_the_second_time_is_real() -> None:
    positions = at(5)
    assert positions.accept("p", events(8)) is None
    assert offsets(positions.accept("p", events(8, 9))) == [8, 9]
    assert positions.expected("p") == 10
