"""Whatever rules say: every letter that went out was allowed, and every one that did not has the reason that the model gives too.

Random playbooks, read by the loader, decide random lives. CARELOOP_DEEP=N looks at N times as many (a few minutes at 50).
"""

from care_contracts.reasons import Reason, Verdict
from care_contracts.records import Decision
from hypothesis import given, note, settings
from outreach.core.decide import Decided, Tick

from tests.conftest import DEEP
from tests.outreach.properties.cases import Case, cases
from tests.outreach.properties.lives import Life, events_of
from tests.outreach.properties.model import ORDER, Past, objections
from tests.outreach.properties.playbooks import LETTERS

UNSEEN = (Reason.ALREADY_SENT, Reason.EXPIRED, Reason.STOPPED, Reason.CANCELLED)  # of the instance, not of the customer: other tests look at these


def judge(past: Past, decided: Decided, now: int) -> None:
    """Each letter's fate against the model's, one by one, because each sees those before it."""
    commands = {command.command_id: command for command in decided.commands}
    for decision in decided.decisions:
        if decision.what in LETTERS and decision.step and decision.verdict in {Verdict.SENT, Verdict.HELD, Verdict.SKIPPED}:
            assert decision.at <= now
            _judge_letter(past, decision)
        if decision.verdict in {Verdict.SENT, Verdict.ALERTED}:
            past.do(commands.pop(decision.command_id))
        if decision.reason is Reason.SHADOW and decision.what in LETTERS:
            past.only_watch(decision.at, decision.rule, decision.command_id)
    assert not commands, "a command that no record tells of"


def _judge_letter(past: Past, decision: Decision) -> None:
    why_not = objections(past, decision.rule, decision.what, decision.at)
    first = why_not[0] if why_not else None
    if decision.reason in UNSEEN:
        assert first is None or decision.reason is Reason.CANCELLED or ORDER.index(first) > ORDER.index(decision.reason), (decision, first)
    else:
        assert decision.reason == first, (decision, why_not)


def look_at_holds(past: Past, life: Life) -> None:
    """What is held, is held by something that still holds; else it would have gone out."""
    now = life.customer.now
    for instance in life.customer.instances:
        if instance.held_by and instance.due > now:
            rule = life.playbook.by_id[instance.rule]
            step = rule.steps[rule.places[instance.path]]
            assert objections(past, instance.rule, getattr(step, "letter", ""), now), (instance, now)


@given(cases)
@settings(max_examples=400 * max(1, DEEP))
def test_every_letter_is_decided_as_the_model_decides_it(case: Case) -> None:
    note(repr(case.draft))
    life, past = Life(case.draft.playbook), Past(case.draft.policy, {rule["id"]: rule for rule in case.draft.rules})
    for event in events_of(life, *case.script):
        now = max(event.recorded, life.customer.now)
        note(f"{event} at {now}")
        judge(past, life.take(Tick(now)), now)
        past.hear(event, now)
        judge(past, life.take(event), now)
        look_at_holds(past, life)
    for _ in range(40):
        due = life.customer.next_due()
        if due is not None:
            now = max(due, life.customer.now)
            judge(past, life.take(Tick(now)), now)
            look_at_holds(past, life)
