"""Only contiguous finished offsets of partitions that are ours are committed, in whatever order the work finishes."""

from hypothesis import given
from hypothesis import strategies as st
from outreach.delivery.offsets import Offsets

gaps = st.lists(st.integers(1, 3), min_size=1, max_size=30)


@given(gaps, st.randoms(use_true_random=False), st.integers(0, 100))
def test_nothing_unfinished_lies_before_a_committed_offset(steps: list[int], order: object, share: int) -> None:
    offsets = Offsets()
    offsets.assign("p")
    arrived = [sum(steps[: number + 1]) for number in range(len(steps))]
    receipts = [receipt for offset in arrived if (receipt := offsets.received("p", offset))]
    order.shuffle(receipts)  # type: ignore[attr-defined] # hypothesis gives a Random
    finished: set[int] = set()
    for receipt in receipts[: len(receipts) * share // 100]:
        offsets.finished(receipt)
        finished.add(receipt.offset)
        unfinished = [offset for offset in arrived if offset not in finished]
        before = [offset for offset in arrived if not unfinished or offset < unfinished[0]]
        assert offsets.committable() == ({"p": before[-1] + 1} if before else {})


def test_a_lost_partition_is_never_committed_even_when_its_work_finishes() -> None:
    offsets = Offsets()
    offsets.assign("p")
    receipt = offsets.received("p", 7)
    assert receipt
    offsets.revoke("p")
    offsets.finished(receipt)
    assert offsets.committable() == {}
    assert not offsets.wanted(receipt)


def test_work_from_before_a_rebalance_does_not_count_for_the_time_after_it() -> None:
    offsets = Offsets()
    offsets.assign("p")
    early = offsets.received("p", 7)
    assert early
    offsets.revoke("p")
    offsets.assign("p")
    again = offsets.received("p", 7)
    assert again
    offsets.finished(early)
    assert offsets.committable() == {}
    offsets.finished(again)
    assert offsets.committable() == {"p": 8}


def test_a_partition_that_is_about_to_go_takes_nothing_new_and_still_finishes_what_it_has() -> None:
    offsets = Offsets()
    offsets.assign("p")
    receipt = offsets.received("p", 7)
    assert receipt
    offsets.leave("p")
    assert not offsets.wanted(receipt)
    assert offsets.received("p", 8) is None
    offsets.finished(receipt)
    assert offsets.committable() == {"p": 8}


def test_a_record_that_is_delivered_twice_is_worked_on_once() -> None:
    offsets = Offsets()
    offsets.assign("p")
    receipt = offsets.received("p", 7)
    assert receipt
    assert offsets.received("p", 7) is None
    offsets.finished(receipt)
    assert offsets.received("p", 7) is None
