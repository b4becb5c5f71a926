"""Which events a condition is judged again after; and that words and points which a step gave are seen after the next one."""

import pytest
from care_contracts.records import Event
from outreach.core.customer import Customer
from outreach.core.decide import decide
from outreach.core.experience import POOR
from outreach.core.policy import Policy, Poor
from outreach.core.rules import BY_STEPS
from outreach.playbook.moved_by import TOLD, moved_by

from tests.outreach.properties.playbooks import draft

DAY = 86_400_000


@pytest.mark.parametrize(
    ("condition", "moving"),
    [
        ("customer.orders >= 2", {"order.placed"}),
        ('customer.tier == "gold"', set()),
        ("customer.points >= 50", {"reward.granted", "reward.redeemed", BY_STEPS}),
        ('"vip" in customer.tags', {BY_STEPS}),
        ("customer.nps <= 6 && customer.open_tickets > 0", {"survey.answered", "ticket.opened", "ticket.reopened", "ticket.resolved"}),
        ("count('product.used', '30d') > 3 || last(\"review.posted\").rating < 3", {"product.used", "review.posted"}),
    ],
)
def test_a_condition_names_what_moves_it(condition: str, moving: set[str]) -> None:
    assert moved_by(condition, Policy()) == TOLD | moving


def test_what_the_policy_calls_a_poor_experience_moves_health() -> None:
    policy = Policy(poor_experiences=(Poor("parcel.lost"),))
    for condition in ('customer.health.band == "red"', 'poor("60d") >= 2', "customer.care_balance < 0"):
        assert (moved_by(condition, policy) or set()) >= {"parcel.lost", *POOR}


@pytest.mark.parametrize(
    "condition", ["now > timestamp('2026-01-01T00:00:00Z')", "size(customer) > 3", "customer.alive < 0.2", "count(customer.tier, '3d') > 1"]
)
def test_where_nobody_can_tell_every_event_may_move_it(condition: str) -> None:
    assert moved_by(condition, Policy()) is None


@pytest.mark.parametrize(("step", "condition"), [({"tag": "seen"}, '"seen" in customer.tags'), ({"reward": {"points": 10}}, "customer.points >= 10")])
def test_what_a_step_gave_is_seen_after_the_next_event_whatever_it_is(step: dict[str, object], condition: str) -> None:
    gives = {"id": "gives", "why": "w", "examples": [], "purpose": "care", "when": {"event": "order.placed"}, "then": [{"wait": "1d"}, step]}
    begins = {
        "id": "begins",
        "why": "w",
        "examples": [],
        "purpose": "staff",
        "when": {"becomes": condition},
        "then": [{"alert": {"to": "care", "summary": "look"}}],
    }
    playbook, customer = draft({}, [gives, begins]).playbook, Customer("ada")
    for number, (at, event_type) in enumerate([(0, "customer.created"), (1, "order.placed"), (2, "product.used"), (5, "product.used"), (6, "product.used")]):
        decided = decide(customer, Event(f"e{number}", "shop", event_type, "ada", at * DAY + 1, at * DAY + 1), playbook)
        customer = decided.customer
        assert [command.rule for command in decided.commands if command.kind == "alert"] == (["begins"] if at == 2 else [])
