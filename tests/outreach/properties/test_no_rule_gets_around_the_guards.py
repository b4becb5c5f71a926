"""Whatever rules say: every letter and every act was allowed, and each that did not come about has the reason that the model gives too.

Random playbooks, read by the loader, decide random lives. CARELOOP_DEEP=N looks at N times as many (a few minutes at 50).
"""

from care_contracts.playbooks import activated
from care_contracts.reasons import Reason, Verdict
from care_contracts.records import Command, Decision
from hypothesis import given, note, settings
from outreach.core.decide import Decided, Tick

from tests.conftest import DEEP
from tests.outreach.properties.cases import Case, cases
from tests.outreach.properties.lives import Life, begun, events_of
from tests.outreach.properties.model import FOR_EVERYTHING, ORDER, Past, Written, gifts, objections, points
from tests.outreach.properties.playbooks import LETTERS, Draft

UNSEEN = (Reason.ALREADY_SENT, Reason.EXPIRED, Reason.STOPPED, Reason.CANCELLED)  # of the instance, not of the customer: other tests look at these


ACTS = {Verdict.ALERTED, Verdict.REWARDED, Verdict.CALLED, Verdict.TAGGED}
ESCALATED = "leads"  # of the second team nobody asks the guards: the task is open already


def judge(past: Past, decided: Decided, now: int) -> None:
    """The fate of each letter and of each act against the model's, one by one, because each sees those before it."""
    commands = {command.command_id: command for command in decided.commands}
    for decision in decided.decisions:
        if decision.step:
            assert decision.at <= now
            _judge(past, decision)
        if decision.command_id in commands and decision.reason is None:
            command = commands.pop(decision.command_id)
            _look_at_gifts(past, command)
            past.do(command)
        if decision.reason is Reason.SHADOW and decision.what in LETTERS:
            past.only_watch(decision.at, decision.rule, decision.playbook, decision.command_id)
    assert not commands, "a command that no record tells of"
    assert decided.customer.points == points(past)


def _judge(past: Past, decision: Decision) -> None:
    is_letter = decision.what in LETTERS
    if is_letter and decision.verdict in {Verdict.SENT, Verdict.HELD, Verdict.SKIPPED}:
        _judge_by(decision, _why_not(past, decision))
    elif not is_letter and decision.what not in ("", ESCALATED) and decision.verdict in ACTS | {Verdict.SKIPPED}:
        _judge_by(decision, [reason for reason in _why_not(past, decision) if reason in FOR_EVERYTHING])


def _why_not(past: Past, decision: Decision) -> list[str]:
    return objections(past, decision.rule, decision.playbook, decision.what, decision.at)


def _judge_by(decision: Decision, why_not: list[str]) -> None:
    first = why_not[0] if why_not else None
    if decision.reason in UNSEEN:
        assert first is None or decision.reason is Reason.CANCELLED or ORDER.index(first) > ORDER.index(decision.reason), (decision, first)
    else:
        assert decision.reason == first, (decision, why_not)


def _look_at_gifts(past: Past, command: Command) -> None:
    """A letter shows what its own occasion gave, and claims the code of that very grant."""
    if command.kind == "send":
        shown = command.context.get("reward", {}).get("points"), command.options.get("coupon", {}).get("reward_id", "")
        assert shown == gifts(past, command.rule, command.occurrence)


def look_at_holds(past: Past, life: Life) -> None:
    """What is held, is held by something that still holds; else it would have gone out. Another policy is asked when the hold is over."""
    now, since = life.customer.now, max((event.recorded for event in life.events if activated(event)), default=0)
    held = {(each.rule, each.occurrence): each for each in life.decisions if each.verdict is Verdict.HELD}
    for instance in life.customer.instances:
        if instance.held_by and instance.due > now and held[instance.rule, instance.occurrence].at > since:
            rule = life.rule(instance.version, instance.rule)
            step = rule.steps[rule.places[instance.path]]
            assert objections(past, instance.rule, instance.version, getattr(step, "letter", ""), now), (instance, now)


@given(cases)
@settings(max_examples=400 * max(1, DEEP))
def test_every_letter_and_every_act_is_decided_as_the_model_decides_it(case: Case) -> None:
    note(repr(case.drafts))
    life, past = begun(case.playbooks), Past({draft.playbook.version: as_written(draft) for draft in case.drafts}, "v1")
    for event in events_of(life, *case.script):
        now = max(event.recorded, life.customer.now)
        note(f"{event} at {now}")
        judge(past, life.take(Tick(now)), now)
        if (said := activated(event)) is not None:
            past.active = said[0]
        else:
            past.hear(event, now)
        judge(past, life.take(event), now)
        look_at_holds(past, life)
    for _ in range(40):
        due = life.customer.next_due()
        if due is not None:
            now = max(due, life.customer.now)
            judge(past, life.take(Tick(now)), now)
            look_at_holds(past, life)


def as_written(draft: Draft) -> Written:
    return Written(draft.policy, {rule["id"]: rule for rule in draft.rules})
