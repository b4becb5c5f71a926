"""The decisions are a function of the sequence of records alone: ticks, repetitions, batches and other customers change nothing.

Random playbooks decide random lives; CARELOOP_DEEP=N looks at N times as many (tests/conftest.py).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from random import Random

from care_contracts.reasons import Reason
from care_contracts.records import Command, Decision, Event, altered
from care_contracts.topics import DECISIONS, OUTREACH
from care_contracts.wire import encode_command, encode_decision, encode_event
from hypothesis import given
from outreach.core.customer import Customer
from outreach.core.decide import Tick, decide
from outreach.core.rules import OnEdge, Playbook
from outreach.stream.batch import Batch, Raw
from outreach.stream.codec import Stored, decode, encode
from outreach.stream.decider import Decider

from tests.outreach.properties.cases import Case, cases
from tests.outreach.properties.lives import DAY, Life, ends_soon, lived, replayed, script_by
from tests.outreach.properties.playbooks import draft
from tests.outreach.stream.tables import Tables

AFTER = 45 * DAY


def as_bytes(commands: Iterable[Command], decisions: Iterable[Decision]) -> list[bytes]:
    return [encode_command(command) for command in commands] + [encode_decision(decision) for decision in decisions]


def told(life: Life) -> list[bytes]:
    return as_bytes(life.commands, life.decisions)


def to_the_end(life: Life) -> Life:
    """Time passes until everything that the last event began has come to its end."""
    life.take(Tick(life.customer.now + AFTER))
    return life


@given(cases)
def test_ticks_at_any_moment_change_nothing(case: Case) -> None:
    plain, happenings = case.lived(), list[Event | Tick]()
    before = plain.events[0].recorded
    for event in plain.events:
        happenings += [Tick(moment) for moment in sorted(case.dice.randint(before, max(before, event.recorded)) for _ in range(case.dice.choice((0, 0, 1, 3))))]
        happenings.append(event)
        before = max(before, event.recorded)
    ticked = replayed(case.draft.playbook, happenings)
    assert told(to_the_end(plain)) == told(to_the_end(ticked))
    assert encode(Stored(None, plain.customer)) == encode(Stored(None, ticked.customer))


@given(cases)
def test_what_is_told_again_whenever_changes_nothing(case: Case) -> None:
    plain = case.lived()
    repeated = list(plain.events)
    for event in case.dice.choices(plain.events, k=8):
        place = case.dice.randint(repeated.index(event) + 1, len(repeated))
        repeated.insert(place, altered(event, recorded=max(known.recorded for known in repeated[:place])))
    assert told(to_the_end(replayed(case.draft.playbook, repeated))) == told(to_the_end(plain))


@given(cases)
def test_a_condition_judged_only_when_it_may_have_changed_begins_the_same_as_one_judged_always(case: Case) -> None:
    spared, playbook = case.lived(), case.draft.playbook
    rules = (replace(rule, when=replace(rule.when, moved_by=None)) if isinstance(rule.when, OnEdge) else rule for rule in playbook.rules)
    always = replayed(replace(playbook, rules=tuple(rules)), spared.events)
    for life in (to_the_end(spared), to_the_end(always)):
        life.decisions = [decision for decision in life.decisions if decision.reason is not Reason.CONDITION_ERROR]  # told as often as it is judged
    assert told(spared) == told(always)


@given(cases)
def test_the_same_records_and_the_same_text_give_the_same_bytes(case: Case) -> None:
    first = case.lived()
    again = draft(case.draft.policy, case.draft.rules).playbook
    assert told(replayed(again, first.events)) == told(first)


@given(cases)
def test_the_state_can_be_written_and_read_between_any_two_and_is_never_changed_in_place(case: Case) -> None:
    plain = case.lived()
    stored, decisions, commands = encode(Stored(None, Customer("c1"))), list[Decision](), list[Command]()
    for event in plain.events:
        customer = decode(stored).customer
        decided = decide(customer, event, case.draft.playbook)
        assert encode(Stored(None, customer)) == stored
        stored = encode(Stored(None, decided.customer))
        commands += decided.commands
        decisions += decided.decisions
    assert as_bytes(commands, decisions) == told(plain)


@given(cases)
def test_batches_and_other_customers_change_nothing(case: Case) -> None:
    playbook, scripts = case.draft.playbook, {"c1": case.script, "c2": script_by(case.dice, 20)}
    queues = {name: [altered(event, customer_id=name) for event in lived(playbook, *script).events] for name, script in scripts.items()}
    alone = {name: by_topic(customer(playbook, name, queue)) for name, queue in queues.items()}
    assert in_batches(playbook, mixed(queues, case.dice), case.dice) == alone


def mixed(queues: dict[str, list[Event]], dice: Random) -> list[Event]:
    """The events of several customers as they may lie in one partition: each customer's in their order."""
    names = [name for name, queue in queues.items() for _ in queue]
    dice.shuffle(names)
    left = {name: iter(queue) for name, queue in queues.items()}
    return [next(left[name]) for name in names]


def customer(playbook: Playbook, name: str, events: list[Event]) -> Life:
    life = Life(playbook)
    life.customer.id = name
    for event in events:
        life.take(event)
    return life


def by_topic(life: Life) -> dict[str, list[bytes]]:
    return {OUTREACH.name: [encode_command(command) for command in life.commands], DECISIONS.name: [encode_decision(each) for each in life.decisions]}


def in_batches(playbook: Playbook, events: list[Event], dice: Random) -> dict[str, dict[str, list[bytes]]]:
    """The outputs by customer and topic when the records come through the decider, a new batch beginning wherever the dice say so."""
    tables, found = Tables(), {name: defaultdict[str, list[bytes]](list, {OUTREACH.name: [], DECISIONS.name: []}) for name in ("c1", "c2")}
    records = [Raw("care.events", 0, offset, event.customer_id.encode(), encode_event(event)) for offset, event in enumerate(events)]
    starts = sorted({0, len(records), *dice.sample(range(len(records)), len(records) // 3)})
    for begin, end in pairwise(starts):
        with ends_soon():
            outcome = tables.apply(Decider(playbook)(Batch(0, records[begin:end], tables)))
        assert not outcome.dead
        for output in outcome.outputs:
            found[output.key.decode()][output.topic].append(output.value)
    return {name: dict(topics) for name, topics in found.items()}
