"""What comes next on a partition."""

from dataclasses import replace

from outreach.stream.keys import Marker
from outreach.stream.lane import Lane, Work

from tests.outreach.stream.records import events, tick


def lane(events_from: int = 0, records: int = 3, size: int = 1000) -> Lane:
    return Lane(0, Marker(events=events_from), records, size)


def next_work(one: Lane, *, more: bool = False) -> Work:
    work = one.next()
    assert work
    one.done(replace(work.until, ticks=one.marker.ticks) if more else work.until, more=more)
    return work


def offsets(work: Work) -> list[int]:
    return [record.offset for record in work.records]


def test_events_come_in_order_and_in_batches_bounded_by_count() -> None:
    one = lane()
    one.events(events(0, 1, 2, 3))
    assert [offsets(next_work(one)), offsets(next_work(one)), one.next()] == [[0, 1, 2], [3], None]
    assert one.marker == Marker(events=4)


def test_a_batch_ends_when_it_has_enough_bytes() -> None:
    one = lane(size=10)
    one.events(events(0, 1, 2, value=b"123456"))
    assert offsets(next_work(one)) == [0, 1]


def test_what_the_marker_covers_is_not_decided_again() -> None:
    one = lane(events_from=2)
    one.events(events(0, 1, 2))
    assert offsets(next_work(one)) == [2]


def test_a_tick_waits_for_the_events_before_it() -> None:
    one = lane(records=2)
    one.ticks(tick(0, upto=50, after=3))
    assert one.next() is None
    one.events(events(0, 1, 2))
    assert [offsets(next_work(one)), offsets(next_work(one))] == [[0, 1], [2]]
    work = next_work(one)
    assert work.tick
    assert (work.tick.upto, one.marker, one.ticking) == (50, Marker(events=3, ticks=1), False)


def test_what_was_fetched_with_the_last_event_before_a_tick_goes_first_too() -> None:
    one = lane(records=2)
    one.ticks(tick(0, upto=50, after=1))
    one.events(events(0, 1, 2))
    assert [bool(next_work(one).tick) for _ in range(3)] == [False, False, True]


def test_of_several_ticks_only_the_furthest_is_worked_off() -> None:
    one = lane()
    one.ticks(tick(0, upto=50, after=0) + tick(1, upto=80, after=0))
    work = next_work(one)
    assert work.tick
    assert (work.tick.upto, one.marker.ticks, one.next()) == (80, 2, None)


def test_a_long_tick_and_events_take_turns() -> None:
    one = lane(records=1)
    one.ticks(tick(0, upto=50, after=0))
    assert next_work(one, more=True).tick
    one.events(events(0, 1))
    turns = [bool(next_work(one, more=True).tick) for _ in range(4)]
    assert turns == [False, True, False, True]
    assert one.marker.ticks == 0, "its offset is only done with all of it"


def test_half_of_a_batch_that_was_too_much_waits_again_in_its_order() -> None:
    one = lane()
    one.events(events(0, 1, 2, 3))
    work = one.next()
    assert work
    half = one.halve(work)
    assert (offsets(half), half.until.events) == ([0], 1)
    one.done(half.until, more=False)
    assert offsets(next_work(one)) == [1, 2, 3]
