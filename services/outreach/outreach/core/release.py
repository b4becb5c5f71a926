"""Arbitration: of the letters that are ready at one moment, which go first, which are held, which are not sent at all."""

from care_contracts.identity import command_id, occasion
from care_contracts.reasons import Reason, Verdict

from outreach.core.commanding import command
from outreach.core.customer import Instance, Sent
from outreach.core.guards import Case, Objection, first_objection
from outreach.core.rules import Rule
from outreach.core.running import going_on, run_from
from outreach.core.steps import Send
from outreach.core.turn import Turn


def release(turn: Turn) -> None:
    """Takes the ready letters by priority, due moment and rule id; each sees what was sent before it (Semantics 7)."""
    while turn.ready:
        if len(turn.ready) > 1:
            turn.ready.sort(key=lambda instance: _rank(turn, instance))
        _release_one(turn, turn.ready.pop(0))


def _rank(turn: Turn, instance: Instance) -> tuple[int, int, str, str]:
    rule = turn.rule_of(instance)
    return (-rule.priority if rule else 0, instance.moment, instance.rule, instance.occurrence)


def _release_one(turn: Turn, instance: Instance) -> None:
    rule = going_on(turn, instance)
    if rule is None:
        return
    step = rule.steps[rule.places[instance.path]]
    if not isinstance(step, Send):
        raise TypeError(f"expected a letter at {rule.id} {instance.path}, got {step!r}")
    its_id = command_id(occasion(rule.id, turn.customer.id, instance.occurrence), step.path)
    case = Case(turn, rule, instance, step, its_id)
    objection = first_objection(case)
    if objection is None:
        _send(case, step)
    elif objection.until is not None:
        _hold(case, step, objection)
    else:
        _skip(case, step, objection)


def _send(case: Case, step: Send) -> None:
    turn, rule, instance = case.turn, case.rule, case.instance
    survey = turn.letter_of(instance, step.letter).survey
    address = str(turn.customer.traits.get("email", ""))
    options = {"coupon": instance.reward["coupon"]} if instance.reward and "coupon" in instance.reward else {}
    more = {"what": step.letter, "address": address, "channel": step.channel, "in_doubt": step.in_doubt, "survey": survey, "options": options}
    turn.commands.append(command(turn, rule, instance, "send", case.command_id, **more))
    turn.record(Verdict.SENT, instance, what=step.letter, command_id=case.command_id)
    _count(case)
    _go_on(case, turn.now)


def _count(case: Case, *, shadow: bool = False) -> None:
    case.turn.customer.sent.append(Sent(case.turn.now, case.rule.purpose, case.rule.id, case.command_id, shadow))
    case.instance.letter_command = case.command_id


def _hold(case: Case, step: Send, objection: Objection) -> None:
    """A hold that cannot end in time is looked at once more when its time is over, and then recorded as expired (Semantics 4)."""
    instance, until = case.instance, min(objection.until or 0, case.not_after + 1)
    if instance.held_by != objection.reason or instance.due != until:
        case.turn.record(Verdict.HELD, instance, objection.reason, what=step.letter, command_id=case.command_id, until=until, detail=objection.detail)
    instance.held_by, instance.due = objection.reason, until


def _skip(case: Case, step: Send, objection: Objection) -> None:
    turn, instance = case.turn, case.instance
    turn.record(Verdict.SKIPPED, instance, objection.reason, what=step.letter, command_id=case.command_id, detail=objection.detail)
    if objection.reason is Reason.SHADOW:
        _count(case, shadow=True)
    if objection.reason is Reason.SHADOW or step.go_on_if_not_sent:
        _go_on(case, turn.now)
    else:
        turn.customer.instances.remove(instance)


def _go_on(case: Case, moment: int) -> None:
    instance = case.instance
    instance.held_by, instance.moment = "", max(moment, instance.moment)
    run_from(case.turn, instance, case.rule, case.rule.places[case.step.path] + 1)


def drop_failed(turn: Turn, failed: str) -> None:
    """A letter that was finally not sent ends its running rule, unless the step says `if_not_sent: continue` (Semantics 6)."""
    for instance in list(turn.customer.instances if failed else ()):
        rule = turn.rule_of(instance) if instance.letter_command == failed else None
        if rule and not _goes_on(rule, turn, instance, failed):
            turn.end(instance, Verdict.ENDED, Reason.CANCELLED, "the letter could not be sent")


def _goes_on(rule: Rule, turn: Turn, instance: Instance, failed: str) -> bool:
    the_occasion = occasion(rule.id, turn.customer.id, instance.occurrence)
    return any(isinstance(step, Send) and step.go_on_if_not_sent and command_id(the_occasion, step.path) == failed for step in rule.steps)
