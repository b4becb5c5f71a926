"""What a rule does besides writing and asking: it gives rewards, calls other systems, remembers words; each once per occasion.

Points are counted here, at the moment of the grant, so that the decisions depend on the sequence of records alone. The courier's
`reward.granted` tells everybody else and is not counted again; one from another system is (see note.py), and what is redeemed is
subtracted. A coupon's code is nobody's business here: a letter names the grant, and the courier claims the code for it (Semantics 16).
"""

from typing import Any

from care_contracts.identity import command_id, occasion
from care_contracts.reasons import Verdict

from outreach.core.commanding import command
from outreach.core.customer import MAX_TAGS, Instance
from outreach.core.guards import Case, first_objection
from outreach.core.note import MAX_POINTS
from outreach.core.rules import Rule, Step
from outreach.core.steps import Call, Reward, Tag
from outreach.core.turn import Turn


def permitted(turn: Turn, rule: Rule, instance: Instance, step: Step, what: str) -> str:
    """The command id under which the step may be done; "" when a guard objected, which is recorded."""
    its_id = command_id(occasion(rule.id, turn.customer.id, instance.occurrence), step.path)
    objection = first_objection(Case(turn, rule, instance, step, its_id))
    if objection is None:
        return its_id
    turn.record(Verdict.SKIPPED, instance, objection.reason, detail=objection.detail, what=what)
    return ""


def grant(turn: Turn, rule: Rule, instance: Instance, step: Reward) -> None:
    """Gives a reward, which the rule's later letters may show."""
    its_id = permitted(turn, rule, instance, step, step.what)
    if not its_id:
        return
    turn.customer.points = min(turn.customer.points + step.points, MAX_POINTS)
    turn.stir()
    gift: dict[str, Any] = {"coupon": {"pool": step.coupon, "reward_id": its_id}} if step.coupon else {"points": step.points}
    instance.reward = (instance.reward or {}) | gift
    turn.commands.append(command(turn, rule, instance, "reward", its_id, what=step.what, options=gift, in_doubt="resend"))
    turn.record(Verdict.REWARDED, instance, what=step.what, command_id=its_id)


def call(turn: Turn, rule: Rule, instance: Instance, step: Call) -> None:
    """Calls another system."""
    its_id = permitted(turn, rule, instance, step, step.webhook)
    if its_id:
        options = {"data": dict(step.data)}
        turn.commands.append(command(turn, rule, instance, "webhook", its_id, what=step.webhook, channel="webhook", options=options, in_doubt="resend"))
        turn.record(Verdict.CALLED, instance, what=step.webhook, command_id=its_id)


def tag(turn: Turn, rule: Rule, instance: Instance, step: Tag) -> None:
    """Remembers a word about the customer, or forgets it."""
    if not permitted(turn, rule, instance, step, step.name):
        return
    tags = turn.customer.tags
    if step.add and step.name not in tags and len(tags) < MAX_TAGS:
        tags.append(step.name)
    if not step.add and step.name in tags:
        tags.remove(step.name)
    turn.stir()
    turn.record(Verdict.TAGGED, instance, what=step.name)
