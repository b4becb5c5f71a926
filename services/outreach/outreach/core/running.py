"""Walks a running rule from step to step until it waits, wants to write, or ends."""

from collections.abc import Callable, Mapping
from typing import Any

from care_contracts.clock import DAY_MS
from care_contracts.reasons import Reason, Verdict
from care_contracts.records import Event

from outreach.core.acting import call, grant, tag
from outreach.core.asking import ask
from outreach.core.calendar import next_local
from outreach.core.customer import Instance
from outreach.core.guards import share_of, time_zone
from outreach.core.history import keepsake_for_letters
from outreach.core.rules import Cancel, Rule, Step
from outreach.core.steps import Alert, Branch, Call, Jump, Reward, Send, StopIf, Tag, Variant, Wait, WaitFor, WaitUntil
from outreach.core.turn import Turn

Place = int | None
LONGEST = 90 * DAY_MS


def run(turn: Turn, instance: Instance) -> None:
    """Takes steps until one of them stays where it is; a send waits in `turn.ready` for its release."""
    rule = going_on(turn, instance)
    if rule is None:
        return
    place: Place = rule.places[instance.path]
    while place is not None and place < len(rule.steps):
        step = rule.steps[place]
        instance.path = step.path
        place = _TAKEN[type(step)](step, turn, rule, instance)
    if place is not None:
        turn.customer.instances.remove(instance)


def going_on(turn: Turn, instance: Instance) -> Rule | None:
    """The rule that a running one goes on with: as it was when it began, whatever became of it since; None when that is over, and recorded.

    What replaced a version has the last word after 90 days, when the version itself may be forgotten (Semantics 15).
    """
    rule = turn.rule_of(instance)
    replaced = turn.version_of(instance) != turn.playbook.version
    if rule is not None and not replaced and instance.path in rule.places:
        return rule
    if replaced and turn.now - instance.begun > LONGEST:
        turn.end(instance, Verdict.ENDED, Reason.CANCELLED, "it began over 90 days ago, under a version of the playbook that was replaced since")
    elif replaced and rule is None:
        turn.end(instance, Verdict.ENDED, Reason.CANCELLED, "the version of the playbook under which it began cannot be found any more")
    elif rule is None or instance.path not in rule.places:
        turn.end(instance, Verdict.ENDED, Reason.CANCELLED, "the rule was changed or removed meanwhile")
    else:
        return rule
    return None


def run_from(turn: Turn, instance: Instance, rule: Rule, place: int) -> None:
    """Goes on at a place of the program; behind its last step the running rule is over."""
    if place >= len(rule.steps):
        turn.customer.instances.remove(instance)
    else:
        instance.path = rule.steps[place].path
        run(turn, instance)


def _next(rule: Rule, step: Step) -> int:
    return rule.places[step.path] + 1


def _wait(step: Wait, turn: Turn, rule: Rule, instance: Instance) -> Place:
    return _rest(turn, rule, step, instance, instance.moment + step.ms)


def _wait_until(step: WaitUntil, turn: Turn, rule: Rule, instance: Instance) -> Place:
    return _rest(turn, rule, step, instance, next_local(instance.moment, time_zone(turn), step.minute, step.weekday))


def _rest(turn: Turn, rule: Rule, step: Step, instance: Instance, until: int) -> Place:
    """The step after a wait falls due at `until`; it is where the running rule stands meanwhile."""
    place = _next(rule, step)
    instance.moment = instance.due = until
    instance.stops.clear()
    if until <= turn.now or place >= len(rule.steps):
        return place
    instance.path = rule.steps[place].path
    return None


def wait_anew(turn: Turn) -> None:
    """The customer's zone changed: who waits for a local time waits for it by the new clock."""
    for instance in turn.customer.instances:
        rule = turn.rule_of(instance)
        place = rule.places.get(instance.path, 0) if rule else 0
        step = rule.steps[place - 1] if rule and place else None
        if isinstance(step, WaitUntil) and not instance.held_by and instance.due == instance.moment > turn.now:
            instance.moment = instance.due = next_local(turn.now, time_zone(turn), step.minute, step.weekday)


def _wait_for(step: WaitFor, turn: Turn, rule: Rule, instance: Instance) -> Place:  # noqa: ARG001 - every step is taken with the same arguments
    instance.stops.clear()
    instance.due = instance.moment + step.within
    if instance.due > turn.now:
        return None
    instance.moment = instance.due
    return step.missed


def _stop_if(step: StopIf, turn: Turn, rule: Rule, instance: Instance) -> Place:
    if turn.holds_for(step.condition, rule, instance):
        turn.end(instance, Verdict.ENDED, Reason.STOPPED, step.condition.source)
        return None
    instance.stops.append(step.path)
    return _next(rule, step)


def _branch(step: Branch, turn: Turn, rule: Rule, instance: Instance) -> Place:
    return _next(rule, step) if turn.holds_for(step.condition, rule, instance) else step.otherwise


def _variant(step: Variant, turn: Turn, rule: Rule, instance: Instance) -> Place:
    """A sticky split by hash of customer and rule, so that what is measured stays comparable."""
    name, place = step.arms[int(share_of(f"variant|{rule.id}|{turn.customer.id}") * len(step.arms))]
    turn.record(Verdict.CHOSEN, instance, what=name)
    return place


def _jump(step: Jump, turn: Turn, rule: Rule, instance: Instance) -> Place:  # noqa: ARG001 - every step is taken with the same arguments
    return step.to


def _send(step: Send, turn: Turn, rule: Rule, instance: Instance) -> Place:  # noqa: ARG001 - every step is taken with the same arguments
    turn.ready.append(instance)
    return None


def _alert(step: Alert, turn: Turn, rule: Rule, instance: Instance) -> Place:
    ask(turn, rule, instance, step)
    return _next(rule, step)


def _reward(step: Reward, turn: Turn, rule: Rule, instance: Instance) -> Place:
    grant(turn, rule, instance, step)
    return _next(rule, step)


def _call(step: Call, turn: Turn, rule: Rule, instance: Instance) -> Place:
    call(turn, rule, instance, step)
    return _next(rule, step)


def _tag(step: Tag, turn: Turn, rule: Rule, instance: Instance) -> Place:
    tag(turn, rule, instance, step)
    return _next(rule, step)


_TAKEN: Mapping[type[Step], Callable[[Any, Turn, Rule, Instance], Place]] = {
    Wait: _wait,
    WaitUntil: _wait_until,
    WaitFor: _wait_for,
    StopIf: _stop_if,
    Branch: _branch,
    Variant: _variant,
    Jump: _jump,
    Send: _send,
    Alert: _alert,
    Reward: _reward,
    Call: _call,
    Tag: _tag,
}
"""How each step is taken: it gives the place to go on at, or None where the running rule stays (or has ended)."""


def resume(turn: Turn, event: Event, seen: Mapping[str, Any]) -> None:
    """Lets the running rules go on that wait for this event; `seen` is the event as conditions see it."""
    for instance in list(turn.customer.instances):
        rule = going_on(turn, instance)
        if rule is None or event.type not in rule.awaits:
            continue
        place = rule.places[instance.path]
        step = rule.steps[place]
        if isinstance(step, WaitFor) and _is_awaited(turn, rule, instance, step, event, seen):
            instance.answer = keepsake_for_letters(seen)
            instance.moment = max(instance.moment, event.time)
            instance.not_before = max(instance.not_before, event.recorded) if event.history else instance.not_before
            run_from(turn, instance, rule, place + 1)


def _is_awaited(turn: Turn, rule: Rule, instance: Instance, step: WaitFor, event: Event, seen: Mapping[str, Any]) -> bool:
    """An answer must come from this instance's own letter, a `match` field must agree, and a missing one never does (Semantics 10)."""
    trigger = instance.trigger or {}
    if event.type not in step.types or event.time < instance.moment:
        return False
    if event.type == "survey.answered" and (not instance.letter_command or event.data.get("command_id") != instance.letter_command):
        return False
    if step.match and not _agree(seen.get(step.match), trigger.get(step.match), both=True):
        return False
    return turn.holds_for(step.condition, rule, instance, seen)


def cancel(turn: Turn, event: Event, seen: Mapping[str, Any]) -> None:
    """Ends the running rules whose `cancel_on` this event is."""
    for instance in list(turn.customer.instances):
        rule = going_on(turn, instance)
        if rule and event.type in rule.cancelled_by and any(_cancels(turn, rule, instance, on, event, seen) for on in rule.cancel_on):
            verdict = Verdict.SKIPPED if instance.held_by else Verdict.ENDED
            turn.end(instance, verdict, Reason.CANCELLED, event.type)


def _cancels(turn: Turn, rule: Rule, instance: Instance, on: Cancel, event: Event, seen: Mapping[str, Any]) -> bool:
    """Both must name the same occasion where both name one: an order's return does not end what another order began."""
    trigger = instance.trigger or {}
    if on.type != event.type:
        return False
    if on.match and not _agree(seen.get(on.match), trigger.get(on.match), both=on.both):
        return False
    return turn.holds_for(on.condition, rule, instance, seen)


def _agree(one: Any, other: Any, *, both: bool) -> bool:
    """Whether two events have the same value; where `both` need not have one, a missing one contradicts nothing."""
    return one == other and one is not None if both else None in (one, other) or one == other
