"""Nothing is lost and nothing comes twice: every letter of every occasion ends once, holds end in time, and who is first is settled.

Random playbooks decide random lives; CARELOOP_DEEP=N looks at N times as many (tests/conftest.py).
"""

from collections import Counter, defaultdict
from itertools import pairwise

from care_contracts.reasons import Reason, Verdict
from care_contracts.records import Decision
from hypothesis import given
from outreach.core.customer import MAX_INSTANCES
from outreach.core.decide import Tick

from tests.outreach.properties.cases import Case, cases
from tests.outreach.properties.lives import DAY, Life
from tests.outreach.properties.playbooks import LETTERS

LONGEST_USE = 30 * DAY  # the longest expires_after that is drawn


def to_the_end(case: Case) -> tuple[Life, int]:
    """The life and, after its last event, time enough for every hold; and the moment before which every hold must have ended."""
    life = case.lived()
    end = life.customer.now + 2 * LONGEST_USE
    life.take(Tick(end))
    return life, end - LONGEST_USE


def fates(life: Life) -> dict[str, list[Decision]]:
    """What was decided about each letter of each occasion, by its command id."""
    found = defaultdict[str, list[Decision]](list)
    for decision in life.decisions:
        if decision.what in LETTERS and decision.command_id:
            found[decision.command_id].append(decision)
    return found


def ends(life: Life) -> Counter[tuple[str, str]]:
    return Counter((each.rule, each.occurrence) for each in life.decisions if each.verdict is Verdict.ENDED or cancelled_hold(each))


def cancelled_hold(decision: Decision) -> bool:
    return decision.verdict is Verdict.SKIPPED and decision.reason is Reason.CANCELLED


@given(cases)
def test_every_id_is_used_once_and_every_letter_has_one_fate(case: Case) -> None:
    life, _ = to_the_end(case)
    assert max(Counter(command.command_id for command in life.commands).values(), default=0) <= 1
    assert max(ends(life).values(), default=0) <= 1
    for decisions in fates(life).values():
        *before, last = decisions
        assert all(each.verdict is Verdict.HELD for each in before)
        assert (last.reason is None) == (last.verdict is Verdict.SENT)
    started = Counter((each.rule, each.occurrence) for each in life.decisions if each.verdict is Verdict.STARTED)
    assert max(started.values(), default=0) <= 1


@given(cases)
def test_every_gift_call_and_word_of_an_occasion_is_given_once_or_has_one_reason(case: Case) -> None:
    """Also when the rule is changed, vanishes and comes back meanwhile; what is given stands in a command, and nothing else does."""
    life, _ = to_the_end(case)
    acts = {Verdict.REWARDED: "reward", Verdict.CALLED: "webhook"}
    given = Counter((each.rule, each.occurrence, each.step) for each in life.decisions if each.verdict in {*acts, Verdict.TAGGED} or refused_act(each))
    assert max(given.values(), default=0) <= 1
    told = {each.command_id: acts[each.verdict] for each in life.decisions if each.verdict in acts}
    assert told == {each.command_id: each.kind for each in life.commands if each.kind in acts.values()}
    assert all((each.reason is None) == (each.verdict in acts) for each in life.decisions if each.verdict in acts or refused_act(each))


def refused_act(decision: Decision) -> bool:
    return decision.verdict is Verdict.SKIPPED and decision.what not in ("", *LETTERS)


@given(cases)
def test_every_hold_ends_in_sent_or_in_one_reason(case: Case) -> None:
    life, settled = to_the_end(case)
    ended = ends(life)
    for decisions in fates(life).values():
        last = decisions[-1]
        if last.verdict is Verdict.HELD and last.at <= settled:
            assert ended[last.rule, last.occurrence] == 1, last
        for hold, following in pairwise(decisions):
            assert hold.until is not None
            assert following.at <= hold.until, "a hold is looked at again when it is over, or earlier"
    assert all(instance.due > life.customer.now for instance in life.customer.instances), "nothing that is due is left"
    assert len(life.customer.instances) <= MAX_INSTANCES


@given(cases)
def test_of_several_at_once_the_higher_goes_first(case: Case) -> None:
    """Who was held and is looked at again in the same moment goes by priority, due moment and rule."""
    life, _ = to_the_end(case)
    held, rounds = dict[str, Decision](), defaultdict[int, list[str]](list)
    for decision in life.decisions:
        if decision.what in LETTERS and decision.command_id:
            before = held.get(decision.command_id)
            if before and before.until == decision.at:
                rounds[decision.at].append(decision.command_id)
            held[decision.command_id] = decision
    dues = {command.command_id: command.due for command in life.commands}
    for ids in rounds.values():
        sent = [(-life.rule(held[each].playbook, held[each].rule).priority, dues[each]) for each in ids if each in dues]
        assert sent == sorted(sent)
