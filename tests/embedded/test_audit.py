"""The judgement: it finds what is lost and what came twice, and it is not fooled by what is merely explained."""

import inspect
from collections import Counter
from dataclasses import replace

import pytest
from aiokafka import ConsumerRecord
from care_contracts.records import Command, Event, altered
from care_contracts.topics import EVENTS, OUTREACH
from care_contracts.wire import encode_command, encode_event
from outreach.stream.batch import Batch, Outcome, Output, agenda_key

from deploy.embedded.audit import COURIER, Evidence, Findings, examine
from deploy.embedded.replay import commands_due

ORDER = Event("A1.order.placed", "shop", "order.placed", "ada", 0, 0)
LETTER = Command("send", "letter1", "ada", "welcome", "0", "A1", "care", "v1", 5, 5, 9, "en", "welcome", "ada@mail.example")
ALERT = altered(LETTER, kind="alert", command_id="alert1")
GOOD = Evidence([ORDER], {"letter1": LETTER}, {"letter1": LETTER}, set(), 0, Counter({"<letter1@n.example>": 1}), 1)
ACCEPTED = [("shop", "A1.order.placed")]


def told(ident: str) -> list[Event]:
    return [ORDER, Event(ident, COURIER, "message.failed", "ada", 0, 0)]


def found(findings: Findings) -> dict[str, list[str]]:
    return {name: names for name, names in vars(findings).items() if names}


def test_a_run_that_kept_its_promises_has_nothing_lost_and_nothing_twice() -> None:
    assert found(examine(GOOD, ACCEPTED, answered=0)) == {}


@pytest.mark.parametrize(
    ("evidence", "kind"),
    [
        (replace(GOOD, events=[]), "events_missing"),
        (replace(GOOD, dead=1), "events_dead"),
        (replace(GOOD, commands={}), "not_decided"),
        (replace(GOOD, expected={}), "not_expected"),
        (replace(GOOD, deliveries=Counter()), "not_explained"),
        (replace(GOOD, commands={"alert1": ALERT}, expected={"alert1": ALERT}), "not_explained"),
    ],
)
def test_whatever_is_missing_counts_as_lost_once(evidence: Evidence, kind: str) -> None:
    findings = examine(evidence, ACCEPTED, answered=0)
    assert list(found(findings)) == [kind]
    assert findings.lost == 1
    assert kind in findings.lines()[0]


def test_an_answer_that_was_confirmed_and_is_not_on_the_topic_is_lost() -> None:
    assert examine(GOOD, ACCEPTED, answered=1).answers_missing == ["survey.answered"]


def test_a_mail_that_came_twice_is_a_duplicate() -> None:
    findings = examine(replace(GOOD, deliveries=Counter({"<letter1@n.example>": 2})), ACCEPTED, answered=0)
    assert (findings.twice, findings.lost) == (["<letter1@n.example>"], 0)


@pytest.mark.parametrize("how", ["failed", "suppressed", "in_doubt"])
def test_a_message_of_which_the_stream_was_told_is_not_lost(how: str) -> None:
    findings = examine(replace(GOOD, deliveries=Counter(), events=told(f"letter1.{how}")), ACCEPTED, answered=0)
    assert findings.lost == 0
    assert findings.in_doubt == (["letter1"] if how == "in_doubt" else [])


def test_a_doubt_that_was_ended_is_none_any_more() -> None:
    events = [*told("letter1.in_doubt"), Event("letter1.sent", COURIER, "message.sent", "ada", 0, 0)]
    assert examine(replace(GOOD, events=events), ACCEPTED, answered=0).in_doubt == []


def record(offset: int, partition: int = 0) -> ConsumerRecord:
    fields = dict.fromkeys(inspect.signature(ConsumerRecord).parameters)
    value = encode_event(altered(ORDER, id=f"A{offset}", recorded=offset))
    return ConsumerRecord(**fields | {"topic": EVENTS.name, "partition": partition, "offset": offset, "key": b"ada", "value": value})


def command(number: int, at: int) -> Output:
    return Output(OUTREACH.name, b"ada", encode_command(altered(LETTER, command_id=f"c{number}", at=at)))


class OneTimerForEachRecord:
    """A handler that sets a timer at offset + 10 for each record, and writes one letter when it is due, one timer a tick."""

    def __call__(self, batch: Batch) -> Outcome:
        if batch.tick is None:
            return Outcome(agenda={agenda_key(record.offset + 10, b"ada"): b"" for record in batch.records})
        due = batch.state.due(batch.tick, 1)
        return Outcome([command(moment, moment) for moment, _ in due], agenda={agenda_key(*entry): None for entry in due}, more=bool(due))


def test_the_replay_works_off_records_and_then_everything_that_was_due_by_then() -> None:
    commands = commands_due([record(0), record(1), record(2), record(3)], OneTimerForEachRecord(), upto=12)
    assert sorted(commands) == ["c10", "c11", "c12"]


def test_the_replay_keeps_partitions_apart() -> None:
    commands = commands_due([record(0), record(5, partition=1)], OneTimerForEachRecord(), upto=100)
    assert sorted(commands) == ["c10", "c15"]
