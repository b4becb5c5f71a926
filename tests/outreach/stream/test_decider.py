"""The handler behind the lanes: batches in, outputs and state changes out."""

from typing import Any

import pytest
from care_contracts.records import Event
from care_contracts.wire import decode_command, encode_event
from outreach.core.rules import LetterFacts, OnEvent, Playbook, Rule
from outreach.core.steps import Send, Wait
from outreach.stream.batch import Batch, Raw, agenda_key
from outreach.stream.codec import decode
from outreach.stream.decider import DUE_AT_ONCE, Decider

from tests.outreach.stream.tables import Tables

HOUR = 3_600_000
START = 20_000 * 24 * HOUR
PLAYBOOK = Playbook("v1", (Rule("tips", "", "care", OnEvent(("order.placed",)), (Wait("0", HOUR), Send("1", "tips"))),), letters={"tips": LetterFacts()})


def raw(offset: Any, event_type: Any = "order.placed", customer: Any = "c1", at: Any = START, value: Any = None, key: Any = None) -> Any:
    event = Event(f"e{offset}", "shop", event_type, customer, at, at, {"email": "ann@example.com"})
    return Raw("care.events", 0, offset, (key or customer).encode(), encode_event(event) if value is None else value)


def outputs(outcome: Any) -> Any:
    return [output.topic for output in outcome.outputs]


@pytest.fixture
def tables() -> Any:
    return Tables()


def test_several_events_of_a_customer_are_one_write(tables: Any) -> None:
    outcome = tables.apply(Decider(PLAYBOOK)(Batch(0, [raw(0, "customer.created"), raw(1), raw(2)], tables)))
    assert list(outcome.customers) == [b"c1"]
    assert list(tables.agenda) == [agenda_key(START + HOUR, b"c1")]


def test_a_tick_works_off_what_is_due_and_moves_the_agenda(tables: Any) -> None:
    tables.apply(Decider(PLAYBOOK)(Batch(0, [raw(0, "customer.created"), raw(1)], tables)))
    early = tables.apply(Decider(PLAYBOOK)(Batch(0, [], tables, START + HOUR - 1)))
    assert early.outputs == []
    outcome = tables.apply(Decider(PLAYBOOK)(Batch(0, [], tables, START + HOUR)))
    assert outputs(outcome) == ["care.outreach", "care.decisions"]
    assert decode_command(outcome.outputs[0].value).at == START + HOUR
    assert tables.agenda == {}


def test_a_replayed_batch_gives_the_same_bytes(tables: Any) -> None:
    batch = Batch(0, [raw(0, "customer.created"), raw(1)], tables)
    assert Decider(PLAYBOOK)(batch) == Decider(PLAYBOOK)(batch)


def test_an_unreadable_record_is_put_aside_without_touching_the_others(tables: Any) -> None:
    records = [raw(0, "customer.created"), raw(1, value=b"{not json"), raw(2, value=b'{"id": 1}'), raw(3, key="somebody else"), raw(4)]
    outcome = tables.apply(Decider(PLAYBOOK)(Batch(0, records, tables)))
    assert [dead.record.offset for dead in outcome.dead] == [1, 2, 3]
    assert decode(tables.records[b"c1"]).customer.history["order.placed"].total == 1


def test_an_event_whose_deciding_fails_is_put_aside_and_its_customer_is_as_before(tables: Any) -> None:
    class Broken(Playbook):
        @property
        def begun_by(self) -> Any:
            raise RuntimeError("ann@example.com")

    tables.apply(Decider(PLAYBOOK)(Batch(0, [raw(0, "customer.created")], tables)))
    before = dict(tables.records)
    outcome = tables.apply(Decider(Broken("v2"))(Batch(0, [raw(1)], tables)))
    assert [dead.why for dead in outcome.dead] == ["RuntimeError while deciding"]
    assert tables.records == before


def test_an_event_that_fails_in_the_middle_leaves_no_trace_on_a_customer_who_has_others_in_the_batch(tables: Any) -> None:
    class Touchy(dict[str, Any]):
        def get(self, key: str, default: Any = None) -> Any:
            if key == "order.returned":
                raise RuntimeError("ann@example.com")
            return super().get(key, default)

    class Broken(Playbook):
        @property
        def begun_by(self) -> Any:
            return Touchy(PLAYBOOK.begun_by)

    broken = Broken("v1", PLAYBOOK.rules, letters=PLAYBOOK.letters)
    without = Decider(PLAYBOOK)(Batch(0, [raw(0), raw(2, at=START + HOUR)], tables))
    outcome = Decider(broken)(Batch(0, [raw(0), raw(1, "order.returned"), raw(2, at=START + HOUR)], tables))
    assert [dead.record.offset for dead in outcome.dead] == [1]
    assert (outcome.customers, outcome.outputs, outcome.agenda) == (without.customers, without.outputs, without.agenda)


def test_due_customers_are_worked_off_batch_by_batch_until_none_is_left(tables: Any) -> None:
    many = [raw(number, customer=f"c{number}") for number in range(DUE_AT_ONCE + 20)]
    tables.apply(Decider(PLAYBOOK)(Batch(0, many, tables)))
    rounds = [tables.apply(Decider(PLAYBOOK)(Batch(0, [], tables, START + HOUR))) for _ in range(3)]
    assert [outcome.more for outcome in rounds] == [True, True, False]
    assert [len(outcome.customers) for outcome in rounds] == [DUE_AT_ONCE, 20, 0]
    assert tables.agenda == {}


def test_a_stale_agenda_entry_is_removed(tables: Any) -> None:
    tables.agenda[agenda_key(START, b"c9")] = b""
    tables.apply(Decider(PLAYBOOK)(Batch(0, [], tables, START + HOUR)))
    assert tables.agenda == {}


@pytest.mark.parametrize("event_type", ["customer.updated", "order.placed", "survey.answered"])
def test_a_number_that_no_record_can_hold_is_put_aside_and_stops_nobody(tables: Any, event_type: str) -> None:
    large = Event("large", "elsewhere", event_type, "c1", START, START, {"n": 10**30})
    records = [raw(0, "customer.created"), raw(1, value=encode_event(large)), raw(2)]
    outcome = tables.apply(Decider(PLAYBOOK)(Batch(0, records, tables)))
    assert [dead.record.offset for dead in outcome.dead] == [1]
    assert decode(tables.records[b"c1"]).customer.history["order.placed"].total == 1


def test_after_a_day_of_downtime_a_letter_is_as_old_as_it_is_and_the_courier_can_see_that(tables: Any) -> None:
    tables.apply(Decider(PLAYBOOK)(Batch(0, [raw(0, "customer.created"), raw(1)], tables)))
    outcome = tables.apply(Decider(PLAYBOOK)(Batch(0, [], tables, START + 25 * HOUR)))
    command = decode_command(outcome.outputs[0].value)
    assert (command.at, command.due, command.not_after) == (START + HOUR, START + HOUR, START + HOUR + PLAYBOOK.rules[0].expires_after)


def test_a_tick_of_a_clock_that_was_set_back_takes_nothing_back(tables: Any) -> None:
    tables.apply(Decider(PLAYBOOK)(Batch(0, [raw(0, "customer.created"), raw(1)], tables)))
    tables.apply(Decider(PLAYBOOK)(Batch(0, [], tables, START + HOUR)))
    tables.apply(Decider(PLAYBOOK)(Batch(0, [raw(2, at=START + 3 * HOUR)], tables)))
    before = dict(tables.records), dict(tables.agenda)
    for upto in (START, START + HOUR, START + 4 * HOUR - 1):
        assert tables.apply(Decider(PLAYBOOK)(Batch(0, [], tables, upto))).outputs == []
    assert (tables.records, tables.agenda) == before
