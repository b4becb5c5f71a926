"""What is measured must have been done: the bookkeeping of `make bench-decide`, without a broker and without a clock."""

import json
from dataclasses import replace
from typing import Any

import pytest
from care_contracts.records import Event
from care_contracts.topics import EVENTS, OUTREACH
from care_contracts.wire import encode_event
from outreach.stream.batch import Batch, Outcome, Raw

from deploy.bench.backtest import lives
from deploy.bench.decide import delay, ours
from deploy.bench.decide.little import stored_after
from deploy.bench.decide.meter import Meter, Told
from deploy.bench.decide.report import line, lines, ratios, summary
from deploy.bench.decide.rows import ROWS, NotMeasured, read, trouble
from deploy.embedded.replay import Memory

TOLD = Told(kafka="", run="bench", folder="", core=0, warm=2, events=4, partitions=1)
FULL = next(row for row in ROWS if row.name == "ours_full")
GOOD = {"events": FULL.events, "seconds": 10.0, "cpu_us": 1.0, "rss_mb": 1, "commands": 5, "records": 9}
GROWN = {"care.outreach": 5, "care.decisions": 9, "bench-state-changelog": 1}


def batch(*events: Event, first: int = 0) -> Batch:
    records = [Raw(EVENTS.name, 0, first + number, event.customer_id.encode(), encode_event(event)) for number, event in enumerate(events)]
    return Batch(0, records, Memory())


def some(count: int) -> list[Event]:
    return [delay.happening(number, 1_000) for number in range(count)]


def test_the_warm_up_is_not_counted_and_no_figure_is_given_before_the_last_event() -> None:
    meter = Meter(TOLD)
    assert [meter.count(1, out=1) for _ in range(5)] == [False] * 5
    with pytest.raises(RuntimeError, match="expected 6 events, got 5"):
        meter.line()
    assert meter.count()
    told = json.loads(meter.line())
    assert (told["events"], told["total"], told["out"]) == (4, 6, 5)
    assert told["seconds"] > 0


def counted(monkeypatch: pytest.MonkeyPatch) -> tuple[ours.Counted, Meter]:
    monkeypatch.setattr(ours, "end", lambda _: None)
    meter = Meter(replace(TOLD, events=100))
    return ours.Counted(ours.state, meter), meter


def test_a_batch_counts_when_the_next_one_shows_that_it_is_acknowledged(monkeypatch: pytest.MonkeyPatch) -> None:
    handler, meter = counted(monkeypatch)
    handler(batch(*some(3)))
    assert meter.total == 0
    handler(batch(*some(2), first=3))
    assert (meter.total, meter.counts) == (3, {"commands": 3})


def test_a_batch_that_comes_again_because_it_was_too_large_is_not_counted_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    handler, meter = counted(monkeypatch)
    for size in (4, 2):
        handler(batch(*some(size)))
    handler(batch(*some(2), first=2))
    assert meter.total == 2


def test_the_little_that_the_others_do_too_keeps_one_state_a_customer_and_sends_each_event_on() -> None:
    one, other = some(2)
    outcome = ours.state(batch(one, other, one))
    assert [output.value for output in outcome.outputs] == [encode_event(event) for event in (one, other, one)]
    assert {key: json.loads(value or b"")["events"] for key, value in outcome.customers.items()} == {b"live-0": 2, b"live-1": 1}
    assert json.loads(stored_after(outcome.customers[b"live-0"], encode_event(one)))["events"] == 3


def test_figures_that_the_topics_confirm_are_accepted() -> None:
    assert trouble(FULL, "bench", GOOD, GROWN) == ""


@pytest.mark.parametrize(
    ("figures", "grown", "says"),
    [
        ({"events": 7}, {}, "7 of 70000 events"),
        ({"dead": 3}, {}, "3 events were put aside as dead"),
        ({"commands": 0}, {}, "expected 1 commands on care.outreach"),
        ({}, {"care.outreach": 4}, "expected 5 commands on care.outreach, got 4"),
        ({}, {"care.decisions": 0}, "expected 9 records on care.decisions, got 0"),
        ({}, {"bench-state-changelog": 0}, "expected 1 state on bench-state-changelog, got 0"),
    ],
)
def test_a_row_whose_work_is_not_on_the_topics_is_no_figure(figures: dict[str, Any], grown: dict[str, int], says: str) -> None:
    assert trouble(FULL, "bench", GOOD | figures, GROWN | grown).startswith(says)


@pytest.mark.parametrize(("output", "code"), [(b"", 0), (b"ready\n", 0), (b'{"events": 1}\n', 1)])
def test_a_process_that_failed_or_said_nothing_was_not_measured(output: bytes, code: int) -> None:
    with pytest.raises(NotMeasured, match=f"ours_full: ended with {code}: the last words"):
        read(FULL, output, code, "the last words")


def test_what_a_process_says_before_its_figures_is_passed_over() -> None:
    assert read(FULL, b'hello\n{"events": 1}\n', 0, "") == {"events": 1}


def test_the_line_has_the_middle_of_the_rounds_and_null_for_what_was_not_measured() -> None:
    rounds = [GOOD | {"seconds": seconds} for seconds in (10.0, 7.0, 14.0)]
    middle = line(FULL, rounds)
    assert (middle.per_s, middle.low, middle.high) == (7_000, 5_000, 10_000)
    said = json.loads(summary(lines({"ours_full": rounds, "ours_lane": []}), {"p50_ms": 2.0}))
    assert said == {
        "ours_full_per_s": 7_000,
        "ours_lane_per_s": None,
        "faust_noop_per_s": None,
        "faust_state_send_per_s": None,
        "quix_state_out_per_s": None,
        "p50_ms": 2.0,
        "p99_ms": None,
        "rss_mb": 1,
    }


@pytest.mark.parametrize(("seconds", "said"), [(10.0, "2.00 (met"), (10.1, "1.98 (MISSED")])
def test_a_target_is_a_ratio_of_two_rows_of_the_same_run(seconds: float, said: str) -> None:
    rounds = {"ours_full": [GOOD | {"seconds": seconds}], "faust_state_send": [GOOD | {"seconds": 20.0}]}
    assert [said in sentence for sentence in ratios(lines(rounds))] == [True]


def test_the_latency_is_of_those_who_came_after_the_warm_up() -> None:
    warm, first = b"live-0", b"live-2000"
    assert delay.differences({warm: 5, first: 10, b"live-2005": 11}, {warm: 500, first: 13}) == [3]


def test_the_shipped_playbook_asks_a_person_at_once_for_each_unhappy_review_of_the_latency_and_for_no_parcel() -> None:
    events = some(2 * delay.ANSWERED)
    outcome: Outcome = ours.full()(batch(*events))
    answered = [output.key for output in outcome.outputs if output.topic == OUTREACH.name]
    assert answered == [event.customer_id.encode() for event in events if event.type == "review.posted"]
    assert outcome.dead == []


def test_the_log_has_every_life_once_for_each_copy_in_the_order_of_time() -> None:
    events = [event for _, event in zip(range(1_000), lives(range(2, 5)), strict=False)]
    assert [event.time for event in events] == sorted(event.time for event in events)
    assert {event.customer_id.rsplit("-", 1)[1] for event in events} == {"2", "3", "4"}
