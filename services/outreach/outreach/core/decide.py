"""The one decision function, the same for production, examples, preview, explain and backtest."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from care_contracts.reasons import Reason, Verdict
from care_contracts.records import Command, Decision, Event

from outreach.core.adopting import adopt
from outreach.core.anniversaries import arm_calendar, calendar_is_due
from outreach.core.asking import escalate
from outreach.core.beginning import begin_by_event, end_of_silence, judge_edge, judge_edges, look_for_silences, short_hash
from outreach.core.customer import MAX_SEEN, Customer, Instance
from outreach.core.guards import time_zone
from outreach.core.note import forget_old_sends, note
from outreach.core.release import drop_failed, release
from outreach.core.rules import OnCalendar, OnEdge, OnSilence, Playbook
from outreach.core.running import cancel, resume, run, wait_anew
from outreach.core.turn import NO_EARLIER, Earlier, Turn


@dataclass(frozen=True, slots=True)
class Tick:
    """Nothing happened but time: whatever is due up to `upto` (ms since 1970) is worked off."""

    upto: int


@dataclass(frozen=True, slots=True)
class Adopt:
    """From `at` (ms since 1970) on the playbook that it is decided with is the active one."""

    at: int


Happening = Event | Tick | Adopt


class Decided(NamedTuple):
    """The customer afterwards, what the courier shall do, and a record for everything that was decided."""

    customer: Customer
    commands: tuple[Command, ...]
    decisions: tuple[Decision, ...]


def decide(customer: Customer, happening: Happening, playbook: Playbook, earlier: Earlier = NO_EARLIER) -> Decided:
    """What is to be done about a happening. The given customer is not changed; equal arguments give equal results.

    First everything that was due up to the happening's moment happens, each at its own due moment, then the event; so the
    result depends on the sequence of events alone, and ticks only make things timely (Semantics 3). `earlier` knows the
    versions under which running rules began; what was due before `Adopt` has to be worked off with the version before.
    Nothing happened later than it was recorded: what a clock that runs ahead tells counts as now, lest it outdo a later refusal.
    """
    return go_on(customer.copy(), happening, playbook, earlier)


def go_on(customer: Customer, happening: Happening, playbook: Playbook, earlier: Earlier = NO_EARLIER, *, for_letters: bool = True) -> Decided:
    """The same for a customer whom nobody else looks at: the given one is changed, which spares a copy.

    Without `for_letters` the commands lack their `context`, which decides nothing and is much of the work when a whole log is replayed.
    """
    turn = Turn(customer, playbook, customer.now, earlier, for_letters)
    if isinstance(happening, Adopt):
        turn.move_to(max(turn.now, happening.at))
        adopt(turn)
    else:
        _go_on_to(turn, happening)
    forget_old_sends(turn.customer, playbook.policy)
    return Decided(turn.customer, tuple(turn.commands), tuple(turn.decisions))


def _go_on_to(turn: Turn, happening: Event | Tick) -> None:
    upto = happening.upto if isinstance(happening, Tick) else max(happening.recorded, turn.customer.now)
    work_off(turn, upto)
    if isinstance(happening, Event) and not _seen_before(turn.customer, happening):
        turn.move_to(upto)
        _happen(turn, happening.not_later_than(upto))
    turn.customer.now = turn.now


def _seen_before(customer: Customer, event: Event) -> bool:
    """The same id and source is the same event; the memory is bounded per customer."""
    mark = short_hash(f"{event.source}\n{event.id}")
    if mark in customer.seen:
        return True
    customer.seen.append(mark)
    del customer.seen[:-MAX_SEEN]
    return False


def work_off(turn: Turn, upto: int) -> None:
    """Everything due up to `upto` (ms), in time order, each at its own due moment."""
    while (due := turn.customer.next_due()) is not None and due <= upto:
        turn.move_to(max(turn.now, due))
        _ring(turn)
        for instance in _due(turn):
            run(turn, instance)
        release(turn)


def _due(turn: Turn) -> list[Instance]:
    """The running rules that are due and do not already stand before the guards."""
    now = turn.now
    return [instance for instance in turn.customer.instances if instance.due <= now and instance not in turn.ready]


def _ring(turn: Turn) -> None:
    """The timers of silences, edges and deadlines that are due now."""
    now, customer = turn.now, turn.customer
    for task_id, task in [entry for entry in customer.tasks.items() if 0 < entry[1].due <= now] if customer.tasks else ():
        escalate(turn, task_id, task)
    for name in sorted([name for name, due in customer.timers.items() if due <= now]):
        rule = turn.playbook.by_id.get(name)
        if rule and isinstance(rule.when, OnSilence):
            end_of_silence(turn, rule, rule.when)
        elif rule and isinstance(rule.when, OnEdge):
            judge_edge(turn, rule, rule.when, existed=True)
        elif rule and isinstance(rule.when, OnCalendar):
            calendar_is_due(turn, rule, rule.when)
        else:
            del turn.customer.timers[name]


def _happen(turn: Turn, event: Event) -> None:
    """Note the fact; then what it ends, what it lets go on, what it begins; then the guards and the release of letters."""
    if turn.customer.erased:
        return
    existed = turn.customer.first_seen > 0
    seen: dict[str, Any] = {**event.data, "type": event.type, "id": event.id, "time": event.time}
    zone = time_zone(turn)
    note(turn, event)
    if time_zone(turn) != zone:
        wait_anew(turn)
    if event.type == "customer.deleted":
        _forget(turn)
        return
    if event.type in {"message.failed", "message.suppressed"} and event.data.get("class") != "in_doubt":
        drop_failed(turn, str(event.data.get("command_id", "")))
    cancel(turn, event, seen)
    resume(turn, event, seen)
    begin_by_event(turn, event, seen)
    judge_edges(turn, event, existed=existed)
    look_for_silences(turn, existed=existed, history=event.history)
    arm_calendar(turn, anew=event.type in {"customer.created", "customer.updated"})
    _wake_freed(turn)
    release(turn)


def _wake_freed(turn: Turn) -> None:
    """What is due now because the event made it so, such as a hold whose cap slot came back."""
    for instance in [instance for instance in _due(turn) if instance.held_by]:
        run(turn, instance)


def _forget(turn: Turn) -> None:
    for instance in list(turn.customer.instances):
        turn.end(instance, Verdict.ENDED, Reason.ERASED)
    turn.customer.timers.clear()
