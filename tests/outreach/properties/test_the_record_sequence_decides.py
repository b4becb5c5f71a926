"""The decisions are a function of the sequence of records alone: ticks, repetitions, batches and other customers change nothing.

Random playbooks, which are replaced meanwhile, decide random lives; CARELOOP_DEEP=N looks at N times as many (tests/conftest.py).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from random import Random

from care_contracts.playbooks import activated, activation
from care_contracts.reasons import Reason
from care_contracts.records import Command, Decision, Event, altered
from care_contracts.topics import DECISIONS, OUTREACH
from care_contracts.wire import encode_command, encode_decision, encode_event
from hypothesis import given
from outreach.core.decide import Tick
from outreach.core.rules import OnEdge, OnEvent, Playbook, Rule
from outreach.stream.batch import Batch, Raw
from outreach.stream.codec import Stored, decode, encode
from outreach.stream.decider import Decider

from tests.outreach.properties.cases import Case, cases
from tests.outreach.properties.lives import DAY, Life, begun, ends_soon, lived, replayed, script_by
from tests.outreach.properties.playbooks import ALWAYS, draft, rule_number
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
    ticked = replayed(case.playbooks, happenings)
    assert told(to_the_end(plain)) == told(to_the_end(ticked))
    assert encode(Stored(None, plain.customer)) == encode(Stored(None, ticked.customer))


@given(cases)
def test_what_is_told_again_whenever_changes_nothing(case: Case) -> None:
    plain = case.lived()
    repeated = list(plain.events)
    for event in case.dice.choices([event for event in plain.events if activated(event) is None], k=8):
        place = case.dice.randint(repeated.index(event) + 1, len(repeated))
        repeated.insert(place, altered(event, recorded=max(known.recorded for known in repeated[:place])))
    assert told(to_the_end(replayed(case.playbooks, repeated))) == told(to_the_end(plain))


@given(cases)
def test_a_condition_judged_only_when_it_may_have_changed_begins_the_same_as_one_judged_always(case: Case) -> None:
    spared = case.lived()
    always = replayed([_judged_always(playbook) for playbook in case.playbooks], spared.events)
    for life in (to_the_end(spared), to_the_end(always)):
        life.decisions = [decision for decision in life.decisions if decision.reason is not Reason.CONDITION_ERROR]  # told as often as it is judged
    assert told(spared) == told(always)


def _judged_always(playbook: Playbook) -> Playbook:
    rules = (replace(rule, when=replace(rule.when, moved_by=None)) if isinstance(rule.when, OnEdge) else rule for rule in playbook.rules)
    return replace(playbook, rules=tuple(rules))


@given(cases)
def test_the_same_records_and_the_same_text_give_the_same_bytes(case: Case) -> None:
    first = case.lived()
    again = [draft(each.policy, each.rules, each.playbook.version).playbook for each in case.drafts]
    assert told(replayed(again, first.events)) == told(first)


@given(cases)
def test_the_state_can_be_written_and_read_between_any_two_and_is_never_changed_in_place(case: Case) -> None:
    plain, life = case.lived(), begun(case.playbooks)
    for event in plain.events:
        stored, before = encode(Stored(None, life.customer)), life.customer
        life.customer = decode(stored).customer
        life.take(event)
        assert encode(Stored(None, before)) == stored
    assert told(life) == told(plain)


@given(cases)
def test_what_runs_goes_on_as_it_began_whatever_becomes_of_its_rule(case: Case) -> None:
    """It vanishes, reads quite otherwise under the same name, or stays as it was: where nothing new begins, nothing is decided otherwise."""
    plain = lived(case.playbooks[:1], *case.script)
    place = case.dice.randrange(len(plain.events))
    now = max(event.recorded for event in plain.events[: place + 1])
    records = [*plain.events[: place + 1], activation("v2", "", now), *plain.events[place + 1 :]]
    others = tuple(replace(_otherwise(rule), mode=rule.mode) for rule in case.playbooks[0].rules)
    lives = [replayed((case.playbooks[0], _never_begins(case.playbooks[0], rules)), records) for rules in ((), others, case.playbooks[0].rules)]
    first, *more = [told(to_the_end(life)) for life in lives]
    assert all(each == first for each in more)


def _otherwise(rule: Rule) -> Rule:
    """What another rule says, under this rule's name."""
    return replace(draft(ALWAYS, [rule_number(int(rule.id.removeprefix("rule-")), 1)]).playbook.rules[0], priority=rule.priority)


def _never_begins(playbook: Playbook, rules: Iterable[Rule]) -> Playbook:
    return replace(playbook, version="v2", rules=tuple(replace(rule, when=OnEvent(("never.happens",))) for rule in rules))


@given(cases)
def test_batches_and_other_customers_change_nothing(case: Case) -> None:
    lives = {"c1": _with_a_last_word(case.lived()), "c2": lived(case.playbooks[:1], *script_by(case.dice, 20))}
    of_c2 = [altered(event, customer_id="c2") for event in lives["c2"].events if not activated(event)]
    mixed = mix({"c1": lives["c1"].events, "c2": of_c2}, case.dice)
    found = in_batches(case.playbooks, mixed, case.dice)
    assert found["c1"] == by_topic(lives["c1"])
    alone = [event for event in mixed if event.customer_id != "c1"]
    assert found["c2"] == one_by_one(case.playbooks, alone)["c2"]


def _with_a_last_word(life: Life) -> Life:
    """A customer goes over to what was activated when something happens to them."""
    now = max(event.recorded for event in life.events)
    life.take(Event("last", "shop", "product.used", "c1", now, now))
    return life


def mix(queues: dict[str, list[Event]], dice: Random) -> list[Event]:
    """The events of several customers as they may lie in one partition: each customer's in their order."""
    names = [name for name, queue in queues.items() for _ in queue]
    dice.shuffle(names)
    left = {name: iter(queue) for name, queue in queues.items()}
    return [next(left[name]) for name in names]


def by_topic(life: Life) -> dict[str, list[bytes]]:
    return {OUTREACH.name: [encode_command(command) for command in life.commands], DECISIONS.name: [encode_decision(each) for each in life.decisions]}


Outputs = dict[str, dict[str, list[bytes]]]


def in_batches(playbooks: Sequence[Playbook], events: list[Event], dice: Random) -> Outputs:
    """The outputs by customer and topic when the records come through the decider, a new batch beginning wherever the dice say so."""
    return _decided(playbooks, events, sorted({0, len(events), *dice.sample(range(len(events)), len(events) // 3)}))


def one_by_one(playbooks: Sequence[Playbook], events: list[Event]) -> Outputs:
    return _decided(playbooks, events, list(range(len(events) + 1)))


def _decided(playbooks: Sequence[Playbook], events: list[Event], starts: list[int]) -> Outputs:
    tables, found = Tables(), {name: defaultdict[str, list[bytes]](list, {OUTREACH.name: [], DECISIONS.name: []}) for name in ("c1", "c2")}
    decider = Decider(playbooks[0], {playbook.version: playbook for playbook in playbooks})
    records = [Raw("care.events", 0, offset, event.customer_id.encode(), encode_event(event)) for offset, event in enumerate(events)]
    for begin, end in pairwise(starts):
        with ends_soon():
            outcome = tables.apply(decider(Batch(0, records[begin:end], tables)))
        assert not outcome.dead
        for output in outcome.outputs:
            found[output.key.decode()][output.topic].append(output.value)
    return {name: dict(topics) for name, topics in found.items()}
