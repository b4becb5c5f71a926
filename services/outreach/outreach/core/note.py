"""Facts first: what an event changes in what is known of the customer, before any rule is asked."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from care_contracts.reasons import Reason
from care_contracts.records import Event

from outreach.core.calendar import is_zone
from outreach.core.conditions import ConditionError, Scope
from outreach.core.customer import MAX_ADDRESSES, MAX_CLOSED, MAX_OPEN, MAX_SENT, MAX_TRAIT_TEXT, MAX_TRAITS, Customer, Sent, Task
from outreach.core.experience import TICKET_PROMISE, is_good, is_low_score, is_poor
from outreach.core.history import MAX_NAME, cut, experience, name_of, remember
from outreach.core.policy import CoolOff, Policy
from outreach.core.turn import Turn
from outreach.core.view import NEVER_TOLD, SCORES

Data = Mapping[str, Any]
_SCALAR = (str, int, float, bool)
OWN_SOURCES = "careloop/"
MAX_SPENT = 1e15
MAX_POINTS = 10**9
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
    turn.view.forget()


def _note_experience(turn: Turn, event: Event) -> None:
    if _poor(turn, event):
        experience(turn.customer.poor, event.time)
    elif is_good(event.type, event.data):
        experience(turn.customer.good, event.time)


def _poor(turn: Turn, event: Event) -> bool:
    listed = turn.playbook.policy.poor_experiences
    if listed is None:
        return is_poor(event.type, event.data)
    scope = Scope(turn.view, turn.now, event={**event.data, "type": event.type, "id": event.id, "time": event.time})
    for poor in listed:
        if poor.type == event.type:
            try:
                return poor.condition is None or poor.condition(scope)
            except ConditionError:
                return True
    return False


def _traits(turn: Turn, event: Event) -> None:
    """Of each trait the latest word counts, by when it was said; what was taken back is not brought back by older facts."""
    customer, traits = turn.customer, turn.customer.traits
    zone = traits.get("time_zone")
    for name, value in event.data.items():
        if event.time < customer.told_at.get(name, 0) or len(name.encode()) > MAX_NAME:
            continue
        if value is None:
            traits.pop(name, None)
        elif _fits(name, value) and (name in traits or len(traits) < MAX_TRAITS):
            traits[name] = cut(value, MAX_TRAIT_TEXT) if isinstance(value, str) else value
        else:
            continue
        customer.told_at[name] = event.time
    _bound(customer.told_at, 2 * MAX_TRAITS)
    if traits.get("time_zone") != zone:
        _ask_again(turn, Reason.QUIET_HOURS)


def _fits(name: str, value: Any) -> bool:
    return isinstance(value, _SCALAR) and name not in NEVER_TOLD and (name != "time_zone" or is_zone(str(value)))


def _ask_again(turn: Turn, reason: Reason) -> None:
    """What is held for this reason is judged again now, because what held it has changed."""
    for instance in turn.customer.instances:
        if instance.held_by == reason:
            instance.due = turn.now


def _deleted(turn: Turn, _: Event) -> None:
    fresh = Customer(turn.customer.id, now=turn.customer.now, first_seen=turn.customer.first_seen, seen=turn.customer.seen)
    fresh.erased, fresh.instances = True, turn.customer.instances
    turn.replace_customer(fresh)


def _consent(turn: Turn, event: Event) -> None:
    """The latest word counts, by when it was said; of two at the same time the refusal.

    Where the policy wants double opt-in, a yes that is not `confirmed` (by somebody who reads the mailbox) is no word yet.
    """
    customer, purpose, granted = turn.customer, event.data.get("purpose", ""), event.data.get("granted") is True
    policy = turn.playbook.policy
    for name in [name for name in policy.consents if purpose in ("*", name)]:
        if granted and name in policy.double_opt_in and event.data.get("confirmed") is not True:
            continue
        said = customer.consents_at.get(name, 0)
        if event.time > said or (event.time == said and not granted):
            customer.consents[name], customer.consents_at[name] = granted, event.time


def _bound(kept: dict[str, Any], most: int) -> None:
    while len(kept) > most:
        del kept[next(iter(kept))]


def _order(turn: Turn, event: Event) -> None:
    total = event.data.get("total")
    spent = turn.customer.spent + (float(total) if isinstance(total, int | float) else 0.0)
    turn.customer.spent = round(max(-MAX_SPENT, min(spent, MAX_SPENT)), 2)


def _points_given(turn: Turn, event: Event) -> None:
    """Points that another system gave; those of our own rules were counted when they were granted."""
    if not event.source.startswith(OWN_SOURCES):
        _add_points(turn, event, 1)


def _points_redeemed(turn: Turn, event: Event) -> None:
    _add_points(turn, event, -1)


def _add_points(turn: Turn, event: Event, sign: int) -> None:
    points = event.data.get("points")
    if isinstance(points, int | float) and not isinstance(points, bool):
        turn.customer.points = max(0, min(turn.customer.points + sign * int(points), MAX_POINTS))


def _ticket_opened(turn: Turn, event: Event) -> None:
    tickets, ticket = turn.customer.open_tickets, name_of(event.data.get("ticket_id", event.id))
    if not _closed_since(turn, "ticket", ticket, event.time):
        tickets[ticket] = max(event.time, tickets.get(ticket, event.time))
        _bound(tickets, MAX_OPEN)


def _ticket_resolved(turn: Turn, event: Event) -> None:
    """A ticket that was opened again after its resolution stays open, however late word of the resolution comes."""
    ticket = name_of(event.data.get("ticket_id", ""))
    opened = turn.customer.open_tickets.get(ticket)
    _close(turn, "ticket", ticket, event.time)
    if opened is None or opened > event.time:
        return
    del turn.customer.open_tickets[ticket]
    if event.time - opened <= TICKET_PROMISE:
        experience(turn.customer.good, event.time)


def _close(turn: Turn, what: str, its_id: str, time: int) -> None:
    """Remembers what was closed, so that word of its opening may come later and opens nothing."""
    closed, name = turn.customer.closed, f"{what} {its_id}"
    closed[name] = max(time, closed.get(name, time))
    _bound(closed, MAX_CLOSED)


def _closed_since(turn: Turn, what: str, its_id: str, time: int) -> bool:
    return turn.customer.closed.get(f"{what} {its_id}", -1) >= time


def _answer(turn: Turn, event: Event) -> None:
    customer, score = turn.customer, event.data.get("score")
    if not isinstance(score, int | float):
        return
    kind = event.data.get("kind", "csat")
    if kind in SCORES:
        customer.scores[str(kind)] = float(score)
    if _is_low(turn.playbook.policy.cool_off, event.data, score):
        experience(customer.low_scores, event.time)


def _is_low(cool_off: CoolOff | None, data: Data, score: float) -> bool:
    if cool_off and data.get("kind") == "csat":
        sign, limit = cool_off.score
        return _COMPARE[sign](score, limit)
    return is_low_score(data)


def _unreachable(turn: Turn, event: Event) -> None:
    """The address is given up, not the customer: another address is another matter, however the same one is spelled."""
    address = normal_address(turn.customer)
    if address and (event.type == "message.complained" or event.data.get("class") == "hard"):
        turn.customer.unreachable = [*turn.customer.unreachable, address][-MAX_ADDRESSES:]


def normal_address(customer: Customer) -> str:
    """The customer's e-mail address in the spelling under which addresses are compared; "" for none."""
    return str(customer.traits.get("email") or "").strip().lower()


def _not_sent(turn: Turn, event: Event) -> None:
    """A definite failure returns the cap slot, so that what is held by a cap is looked at again now (Semantics 7)."""
    customer, command = turn.customer, event.data.get("command_id")
    if event.data.get("class") == "in_doubt":
        return
    customer.sent = [sent for sent in customer.sent if sent.command_id != command]
    _ask_again(turn, Reason.CAP)


def _task_opened(turn: Turn, event: Event) -> None:
    """Tasks that other systems open; those of our own alerts are known since they were decided."""
    tasks, task_id = turn.customer.tasks, name_of(event.data.get("task_id", ""))
    ours = event.source.startswith(OWN_SOURCES)
    if not ours and task_id not in tasks and len(tasks) < MAX_OPEN and not _closed_since(turn, "task", task_id, event.time):
        tasks[task_id] = Task(name_of(event.data.get("rule", "")), "", "")


def _task_closed(turn: Turn, event: Event) -> None:
    task_id = name_of(event.data.get("task_id", ""))
    turn.customer.tasks.pop(task_id, None)
    _close(turn, "task", task_id, event.time)


def _task_claimed(turn: Turn, event: Event) -> None:
    task_id = name_of(event.data.get("task_id", ""))
    task = turn.customer.tasks.get(task_id)
    if task:
        turn.customer.tasks[task_id] = Task(task.rule, task.occurrence, task.path, version=task.version)


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
    "reward.granted": _points_given,
    "reward.redeemed": _points_redeemed,
    "message.bounced": _unreachable,
    "message.complained": _unreachable,
    "message.failed": _not_sent,
    "message.suppressed": _not_sent,
    "task.opened": _task_opened,
    "task.claimed": _task_claimed,
    "task.closed": _task_closed,
}


def forget_old_sends(customer: Customer, policy: Policy) -> None:
    """Drops sends that no cap looks back to, and the oldest of too many of one purpose, which no cap can be waiting for.

    They stand in the order in which they were sent.
    """
    if customer.sent and customer.sent[0].at + policy.looks_back <= customer.now:
        customer.sent = [sent for sent in customer.sent if sent.at + policy.looks_back > customer.now]
    if len(customer.sent) > MAX_SENT:
        customer.sent = _latest(customer.sent)


def _latest(sends: list[Sent]) -> list[Sent]:
    """The latest of each purpose: whatever else was sent, such as receipts, never makes a cap forget what it counts."""
    left = Counter[tuple[str, bool]]()
    kept = []
    for sent in reversed(sends):
        left[sent.purpose, sent.shadow] += 1
        if left[sent.purpose, sent.shadow] <= MAX_SENT:
            kept.append(sent)
    return kept[::-1]
