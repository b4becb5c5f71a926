"""Facts first: what an event changes in what is known of the customer, before any rule is asked."""

from collections.abc import Callable, Mapping
from typing import Any

from care_contracts.records import Event

from outreach.core.calendar import is_zone
from outreach.core.conditions import ConditionError, Scope
from outreach.core.customer import MAX_OPEN, MAX_SENT, MAX_TRAITS, Customer, Task
from outreach.core.experience import TICKET_PROMISE, is_good, is_low_score, is_poor
from outreach.core.history import experience, remember
from outreach.core.policy import CoolOff, Policy
from outreach.core.turn import Turn
from outreach.core.view import View

Data = Mapping[str, Any]
_SCALAR = (str, int, float, bool)
OWN_SOURCES = "careloop/"
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {"<=": lambda a, b: a <= b, "<": lambda a, b: a < b, "==": lambda a, b: a == b}


def note(turn: Turn, event: Event) -> None:
    """Adds the event to the customer's history and lets it change traits, consents, tickets, tasks, scores and reachability."""
    customer = turn.customer
    if not customer.first_seen:
        customer.first_seen = event.time
    remember(customer, event.type, event.time, event.data)
    _note_experience(turn, event)
    noter = NOTERS.get(event.type)
    if noter:
        noter(turn, event)
    turn.changed()


def _note_experience(turn: Turn, event: Event) -> None:
    if _poor(turn, event):
        experience(turn.customer.poor, event.time)
    elif is_good(event.type, event.data):
        experience(turn.customer.good, event.time)


def _poor(turn: Turn, event: Event) -> bool:
    listed = turn.playbook.policy.poor_experiences
    if listed is None:
        return is_poor(event.type, event.data)
    scope = Scope(View(turn.customer, turn.now), turn.now, event=event.data)
    for poor in listed:
        if poor.type == event.type:
            try:
                return poor.condition is None or poor.condition(scope)
            except ConditionError:
                return True
    return False


def _traits(turn: Turn, event: Event) -> None:
    traits = turn.customer.traits
    if "email" in event.data and event.data["email"] != traits.get("email"):
        turn.customer.unreachable = False
    for name, value in event.data.items():
        if value is None:
            traits.pop(name, None)
        elif isinstance(value, _SCALAR) and (name in traits or len(traits) < MAX_TRAITS) and not (name == "time_zone" and not is_zone(str(value))):
            traits[name] = value


def _deleted(turn: Turn, _: Event) -> None:
    fresh = Customer(turn.customer.id, now=turn.customer.now, first_seen=turn.customer.first_seen, seen=turn.customer.seen)
    fresh.erased, fresh.instances = True, turn.customer.instances
    turn.customer = fresh


def _consent(turn: Turn, event: Event) -> None:
    purpose, granted = str(event.data.get("purpose", "")), event.data.get("granted") is True
    for name in list(turn.playbook.policy.consents) if purpose == "*" else [purpose]:
        turn.customer.consents[name] = granted


def _order(turn: Turn, event: Event) -> None:
    total = event.data.get("total")
    turn.customer.spent = round(turn.customer.spent + (float(total) if isinstance(total, int | float) else 0.0), 2)


def _ticket_opened(turn: Turn, event: Event) -> None:
    tickets = turn.customer.open_tickets
    tickets[str(event.data.get("ticket_id", event.id))] = event.time
    while len(tickets) > MAX_OPEN:
        del tickets[next(iter(tickets))]


def _ticket_resolved(turn: Turn, event: Event) -> None:
    opened = turn.customer.open_tickets.pop(str(event.data.get("ticket_id", "")), None)
    if opened is not None and event.time - opened <= TICKET_PROMISE:
        experience(turn.customer.good, event.time)


def _answer(turn: Turn, event: Event) -> None:
    customer, score = turn.customer, event.data.get("score")
    if not isinstance(score, int | float):
        return
    customer.scores[str(event.data.get("kind", "csat"))] = float(score)
    if _is_low(turn.playbook.policy.cool_off, event.data, score):
        experience(customer.low_scores, event.time)


def _is_low(cool_off: CoolOff | None, data: Data, score: float) -> bool:
    if cool_off and data.get("kind") == "csat":
        sign, limit = cool_off.score
        return _COMPARE[sign](score, limit)
    return is_low_score(data)


def _unreachable(turn: Turn, event: Event) -> None:
    if event.type == "message.complained" or event.data.get("class") == "hard":
        turn.customer.unreachable = True


def _not_sent(turn: Turn, event: Event) -> None:
    """A definite failure returns the cap slot, so that what is held by a cap is looked at again now (Semantics 7)."""
    customer, command = turn.customer, event.data.get("command_id")
    if event.data.get("class") == "in_doubt":
        return
    customer.sent = [sent for sent in customer.sent if sent.command_id != command]
    for instance in customer.instances:
        if instance.held_by == "cap":
            instance.due = turn.now


def _task_opened(turn: Turn, event: Event) -> None:
    """Tasks that other systems open; those of our own alerts are known since they were decided."""
    tasks, task_id = turn.customer.tasks, str(event.data.get("task_id", ""))
    ours = event.source.startswith(OWN_SOURCES)
    if not ours and task_id not in tasks and len(tasks) < MAX_OPEN:
        tasks[task_id] = Task(str(event.data.get("rule", "")), "", "")


def _task_closed(turn: Turn, event: Event) -> None:
    turn.customer.tasks.pop(str(event.data.get("task_id", "")), None)


def _task_claimed(turn: Turn, event: Event) -> None:
    task_id = str(event.data.get("task_id", ""))
    task = turn.customer.tasks.get(task_id)
    if task:
        turn.customer.tasks[task_id] = Task(task.rule, task.occurrence, task.path)


NOTERS: Mapping[str, Callable[[Turn, Event], None]] = {
    "customer.created": _traits,
    "customer.updated": _traits,
    "customer.deleted": _deleted,
    "consent.changed": _consent,
    "order.placed": _order,
    "ticket.opened": _ticket_opened,
    "ticket.reopened": _ticket_opened,
    "ticket.resolved": _ticket_resolved,
    "survey.answered": _answer,
    "message.bounced": _unreachable,
    "message.complained": _unreachable,
    "message.failed": _not_sent,
    "message.suppressed": _not_sent,
    "task.opened": _task_opened,
    "task.claimed": _task_claimed,
    "task.closed": _task_closed,
}


def forget_old_sends(customer: Customer, policy: Policy) -> None:
    """Drops sends that no cap looks back to."""
    longest = max((cap.per for caps in policy.caps.values() for cap in caps), default=0)
    customer.sent = [sent for sent in customer.sent if sent.at + longest > customer.now][-MAX_SENT:]
