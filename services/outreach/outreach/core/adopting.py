"""A customer goes over to another version of the playbook: what is new or changed in it is armed and judged once, and fires nothing."""

from outreach.core.anniversaries import arm_calendar
from outreach.core.beginning import judge_edge, look_for_silences
from outreach.core.turn import Turn

MAX_VANISHED = 100


def adopt(turn: Turn) -> None:
    """The turn's playbook is the active one from its moment on (Semantics 12); what runs already goes on as it began."""
    if turn.customer.erased or not turn.customer.first_seen:
        return
    _forget_what_vanished(turn)
    look_for_silences(turn, existed=True, history=False)
    for rule, when in turn.playbook.edges:
        if turn.customer.known.get(rule.id) != rule.revision:
            judge_edge(turn, rule, when, existed=True)
    arm_calendar(turn, anew=False)


def _forget_what_vanished(turn: Turn) -> None:
    """A rule that comes back later is a new one; which occasions it had is remembered, so that it repeats nothing: of the latest ones that vanished."""
    customer = turn.customer
    vanished = [name for name in customer.occasions if name not in turn.playbook.by_id]
    for name in vanished[:-MAX_VANISHED]:
        del customer.occasions[name]
        customer.last_start.pop(name, None)
    for kept in (customer.timers, customer.known, customer.edges):
        for name in [name for name in kept if name not in turn.playbook.timed]:
            del kept[name]
