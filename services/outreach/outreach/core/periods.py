"""Rules that begin periodically: the first time one full period after their beginning, at a time of the customer's day."""

from outreach.core.beginning import begin
from outreach.core.calendar import next_local
from outreach.core.customer import Customer
from outreach.core.guards import time_zone
from outreach.core.rules import OnPeriod, Rule
from outreach.core.turn import Turn


def arm_periods(turn: Turn) -> None:
    """Arms the next period of each periodic rule where none is armed; periods already past fire nothing (Semantics 12)."""
    for rule, when in turn.playbook.periods:
        if rule.id not in turn.customer.timers:
            _arm(turn, rule, when)


def _arm(turn: Turn, rule: Rule, when: OnPeriod) -> None:
    began = _since(turn.customer, when)
    if began is not None:
        turn.customer.timers[rule.id] = _due(turn, when, began, (turn.now - began) // when.every + 1)


def _since(customer: Customer, when: OnPeriod) -> int | None:
    if not when.since:
        return customer.first_seen
    past = customer.history.get(when.since)
    return past.first if past else None


def _due(turn: Turn, when: OnPeriod, began: int, number: int) -> int:
    moment = began + number * when.every
    return moment if when.minute is None else next_local(moment, time_zone(turn), when.minute)


def period_is_over(turn: Turn, rule: Rule, when: OnPeriod) -> None:
    """The timer of a periodic rule is due: the rule begins, and the next period is armed."""
    due, began = turn.customer.timers.pop(rule.id), _since(turn.customer, when)
    if began is None:
        return
    number = max(1, (due - began) // when.every)
    turn.customer.timers[rule.id] = _due(turn, when, began, number + 1)
    if turn.holds(when.condition, rule, str(number)):
        begin(turn, rule, str(number), due)
