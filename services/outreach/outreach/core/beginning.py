"""Which rules begin: by an event, after a silence, or when a condition becomes true; each occasion once."""

import hashlib
from collections.abc import Mapping
from typing import Any

from care_contracts.clock import rfc3339
from care_contracts.reasons import Reason, Verdict
from care_contracts.records import Event

from outreach.core.calendar import HOUR, next_local
from outreach.core.customer import MAX_INSTANCES, MAX_OCCASIONS, Customer, Instance
from outreach.core.guards import time_zone
from outreach.core.history import keepsake_for_letters, name_of
from outreach.core.rules import BY_STEPS, OncePer, OnEdge, OnSilence, Rule
from outreach.core.running import run
from outreach.core.turn import Turn

EDGE_MINUTE = 6 * 60
LONGEST_DAY = 26 * HOUR  # between two mornings, when clocks are set back
ONLY = "customer"  # the one occurrence of a rule that begins once per customer, whatever its `when`
KEPT_FREE = 10  # places for service letters and alerts, which no number of waiting rules may crowd out


def begin_by_event(turn: Turn, event: Event, seen: Mapping[str, Any]) -> None:
    """Begins the rules whose event this is and whose condition holds."""
    for rule in turn.playbook.begun_by.get(event.type, ()):
        if turn.holds(rule.when.condition, rule, event.id, event=seen, trigger=seen):
            occurrence = _occurrence(rule, event, seen)
            if occurrence is None:
                turn.record_for(Verdict.SKIPPED, rule.id, event.id, Reason.NO_OCCASION, detail=rule.once_field)
            else:
                begin(turn, rule, occurrence, event.time, seen, not_before=event.recorded if event.history else 0)


def _occurrence(rule: Rule, event: Event, seen: Mapping[str, Any]) -> str | None:
    if rule.once_per is OncePer.FIELD:
        value = seen.get(rule.once_field)
        return None if value in (None, "") or isinstance(value, dict | list) else name_of(_same_text(value))
    return name_of(event.id)


def _same_text(value: Any) -> str:
    """1 and 1.0 are the same order."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def begin(turn: Turn, rule: Rule, occurrence: str, moment: int, seen: Mapping[str, Any] | None = None, not_before: int = 0) -> None:
    """Begins a rule at its due moment (ms) unless the occasion was taken; beginning takes it, whatever becomes of it (Semantics 11)."""
    if rule.once_per is OncePer.CUSTOMER:
        occurrence = ONLY
    reason = _refusal(turn, rule, occurrence, moment)
    if reason:
        turn.record_for(Verdict.SKIPPED, rule.id, occurrence, reason)
        return
    turn.customer.last_start[rule.id] = moment
    trigger = keepsake_for_letters(seen, rule.correlates) if seen is not None else None
    instance = Instance(rule.id, occurrence, turn.now, moment, moment, rule.steps[0].path, trigger, not_before=not_before, version=turn.playbook.version)
    turn.customer.instances.append(instance)
    turn.record(Verdict.STARTED, instance)
    run(turn, instance)


def _refusal(turn: Turn, rule: Rule, occurrence: str, moment: int) -> Reason | None:
    customer = turn.customer
    if rule.mode == "off":
        return Reason.OFF
    last = customer.last_start.get(rule.id)
    if rule.once_per is OncePer.DURATION and last is not None and moment < last + rule.once_ms:
        return Reason.ALREADY_SENT
    room = MAX_INSTANCES if rule.purpose in ("service", "staff") else MAX_INSTANCES - KEPT_FREE
    if len(customer.instances) >= room:
        return Reason.TOO_MANY
    return None if take_occasion(customer, rule.id, occurrence) else Reason.ALREADY_SENT


def take_occasion(customer: Customer, rule: str, occurrence: str) -> bool:
    """Takes the occasion; False when it was taken before. The memory is bounded: beyond it the ledger still prevents a second send."""
    mark = short_hash(occurrence)
    taken = customer.occasions.setdefault(rule, [])
    if mark in taken:
        return False
    taken.append(mark)
    del taken[:-MAX_OCCASIONS]
    return True


def short_hash(text: str) -> int:
    """63 bits that stand for a text in a customer's memory."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()) >> 1


def look_for_silences(turn: Turn, *, existed: bool, history: bool) -> None:
    """Arms one timer per customer and silence rule, where none is armed; silences already past of a rule that is new fire nothing."""
    for rule, when in turn.playbook.silences:
        is_new = turn.customer.known.get(rule.id) != rule.revision
        turn.customer.known[rule.id] = rule.revision
        if is_new:
            turn.customer.timers.pop(rule.id, None)
        if rule.id in turn.customer.timers:
            continue
        began = _began(turn.customer, when)
        if began + when.for_ms <= turn.now and ((is_new and existed) or history):
            take_occasion(turn.customer, rule.id, rfc3339(began))
        if short_hash(rfc3339(began)) not in turn.customer.occasions.get(rule.id, ()):
            turn.customer.timers[rule.id] = began + when.for_ms


def _began(customer: Customer, when: OnSilence) -> int:
    moments = [customer.history[name].last for name in when.types if name in customer.history]
    return max(moments, default=customer.first_seen)


def end_of_silence(turn: Turn, rule: Rule, when: OnSilence) -> None:
    """The timer of a silence rule is due: re-arms it when there was no silence, else begins the rule."""
    began = _began(turn.customer, when)
    due = began + when.for_ms
    if due > turn.now:
        turn.customer.timers[rule.id] = due
        return
    del turn.customer.timers[rule.id]
    if turn.holds(when.condition, rule, rfc3339(began)):
        begin(turn, rule, rfc3339(began), due)
    take_occasion(turn.customer, rule.id, rfc3339(began))  # this silence has had its say, whatever came of it


def judge_edges(turn: Turn, event: Event, *, existed: bool) -> None:
    """Begins the rules whose condition became true. A new rule's first judgement of an existing customer, and imported history, only note it."""
    moving = (event.type, BY_STEPS) if turn.customer.stirred else (event.type,)
    turn.customer.stirred = False
    for rule, when in turn.playbook.edges:
        if when.moved_by is None or not when.moved_by.isdisjoint(moving) or _is_new_or_soon_otherwise(turn, rule):
            judge_edge(turn, rule, when, existed=existed, history=event.history)


def _is_new_or_soon_otherwise(turn: Turn, rule: Rule) -> bool:
    """The timer stands at the morning after the moment from which the value may be another; that moment may have come."""
    customer = turn.customer
    return customer.known.get(rule.id) != rule.revision or customer.timers.get(rule.id, turn.now + LONGEST_DAY) < turn.now + LONGEST_DAY


def judge_edge(turn: Turn, rule: Rule, when: OnEdge, *, existed: bool, history: bool = False) -> None:
    """One such rule. It is judged again at 06:00 of the customer's day after the moment at which its value may change by time alone."""
    customer = turn.customer
    is_new = customer.known.get(rule.id) != rule.revision
    customer.known[rule.id] = rule.revision
    before = customer.edges.get(rule.id, False) if not (is_new and existed) else True
    turn.view.ask_anew()
    value = turn.holds(when.condition, rule)
    change = turn.view.next_change
    customer.edges[rule.id] = value
    customer.timers.pop(rule.id, None)
    if change is not None:
        customer.timers[rule.id] = next_local(max(change, turn.now + 1), time_zone(turn), EDGE_MINUTE)
    if value and not before and not history:
        begin(turn, rule, rfc3339(turn.now), turn.now)
