"""Which event types can change the value of a `becomes` condition, so that it need not be judged again after every other one."""

import re

from outreach.core.experience import GOOD, POOR
from outreach.core.policy import Policy
from outreach.core.rules import BY_STEPS
from outreach.core.view import COMPUTED, LATER, SCORES
from outreach.playbook.condition_words import without_texts

TOLD = frozenset({"customer.created", "customer.updated"})  # they tell traits, and the time zone by which a condition is judged again
_TICKETS = frozenset({"ticket.opened", "ticket.reopened", "ticket.resolved"})
_ORDERS = frozenset({"order.placed"})
_ANSWERS = frozenset({"survey.answered"})
_EXPERIENCES = frozenset({*POOR, *GOOD, *_TICKETS})
_POINTS = frozenset({"reward.granted", "reward.redeemed", BY_STEPS})
_FIELDS = {
    "points": _POINTS,
    "tags": frozenset({BY_STEPS}),
    "orders": _ORDERS,
    "spent": _ORDERS,
    "open_tickets": _TICKETS,
    "id": TOLD,
    "first_seen": TOLD,
    "language": TOLD,
} | dict.fromkeys(SCORES, _ANSWERS)
_BY_EXPERIENCE = frozenset({"health", "care_balance"})
_ASKED = re.compile(r"\b(?:count|sum|days_since|last)\s*\(\s*(\"[^\"\\]*\"|'[^'\\]*')?")
_FELT = re.compile(r"\b(?:poor|good)\s*\(")
_FIELD = re.compile(r"\bcustomer\b(?:\s*\.\s*([A-Za-z_]\w*))?")
_ANY = re.compile(r"\b(?:now|event|trigger|answer)\b")


def moved_by(source: str, policy: Policy) -> frozenset[str] | None:
    """The types, `customer.created` and `customer.updated` among them; None when nobody can tell."""
    text = without_texts(source)
    fields = {match[1] for match in _FIELD.finditer(text)}
    asked = [match[1] for match in _ASKED.finditer(source)]
    if None in asked or _ANY.search(text) or any(_is_moved_by_more(name) for name in fields):
        return None
    moving = TOLD.union(*(_FIELDS.get(name, TOLD) for name in fields), (name[1:-1] for name in asked))
    if _FELT.search(text) or fields & _BY_EXPERIENCE:
        moving |= _EXPERIENCES | {poor.type for poor in policy.poor_experiences or ()}
    return moving


def _is_moved_by_more(name: str | None) -> bool:
    """Whether a field of the customer (None for all of them) changes by more than the events named here."""
    return name is None or name in LATER or (name in COMPUTED and name not in _FIELDS and name not in _BY_EXPERIENCE)
