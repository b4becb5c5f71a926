"""Conditions in CEL, asked about a real customer."""

from typing import Any

import pytest
from care_contracts.clock import parse_rfc3339
from care_contracts.records import Event
from outreach.core.conditions import ConditionError, Scope
from outreach.core.customer import Customer
from outreach.core.decide import decide
from outreach.core.rules import Playbook
from outreach.core.view import View
from outreach.playbook.cel import BadCondition, Language

NOW = parse_rfc3339("2026-03-02T10:00:00Z")
DAY = 86_400_000


@pytest.fixture(scope="module")
def language() -> Any:
    return Language()


@pytest.fixture
def customer() -> Any:
    ann = Customer("c1")
    happened: list[tuple[str, int, dict[str, Any]]] = [
        ("order.placed", 40, {"total": 10}),
        ("order.placed", 5, {"total": 20}),
        ("payment.failed", 4, {}),
        ("survey.answered", 3, {"kind": "csat", "score": 4}),
    ]
    for number, (event_type, days, data) in enumerate(happened):
        moment = NOW - days * DAY
        ann = decide(ann, Event(f"e{number}", "shop", event_type, "c1", moment, moment, data), Playbook("v")).customer
    return ann


@pytest.mark.parametrize(
    "true",
    [
        'count("order.placed", "30d") == 1',
        'count("order.placed", "60d") == 2',
        'sum("order.placed", "total", "60d") == 30.0',
        'sum("order.placed", "total", "60d") == 30 && sum("order.placed", "total", "30d") >= 20 && 21 > sum("order.placed", "total", "30d")',
        'sum("order.returned", "total", "60d") == 0 && !(sum("order.placed", "total", "60d") > 30)',
        'days_since("order.placed") == 5',
        'days_since("order.returned") > 100000',
        'poor("90d") == 1 && good("90d") == 1',
        'last("survey.answered").score == 4',
        "customer.orders == 2 && customer.spent == 30.0",
        "customer.csat >= 4",
        'customer.health.band == "amber"',
        "event.total >= 20",
        "event.time == now",
        "customer.first_seen < now && now - customer.first_seen == duration('960h')",
        "has(customer.first_seen)",
        'event.type == "order.placed" && event.id == "e"',
        "size(customer.health.reasons) == 2 && customer.health.reasons.exists(reason, reason.contains('poor'))",
        "customer.points == 0",
        "!has(customer.alive)",
        "has(event.total) && !has(event.reason)",
        'now > timestamp("2026-03-01T00:00:00Z")',
    ],
)
def test_what_conditions_know(language: Any, customer: Any, true: Any) -> None:
    event = {"type": "order.placed", "id": "e", "time": NOW, "total": 25}
    assert language.compile(true)(Scope(View(customer, NOW), NOW, event=event)) is True


@pytest.mark.parametrize(
    "doubtful",
    [
        "customer.alive > 0.5",
        "customer.nps > 8",
        "event.amount > 3",
        'event.total == "x" || event.y',
        'last("order.returned").reason == "torn"',
        'count("order.placed", "soon") > 1',
    ],
)
def test_what_cannot_be_judged_is_an_error_and_never_true(language: Any, customer: Any, doubtful: Any) -> None:
    with pytest.raises(ConditionError):
        language.compile(doubtful)(Scope(View(customer, NOW), NOW, event={"total": 25}))


def test_an_error_repeats_no_value_of_the_customer(language: Any, customer: Any) -> None:
    with pytest.raises(ConditionError) as caught:
        language.compile("int(event.email) > 3")(Scope(View(customer, NOW), NOW, event={"email": "ann@example.com"}))
    assert "ann" not in str(caught.value)


@pytest.mark.parametrize(("source", "column"), [("event.total >=", 15), ("1 + 2", 1), ("nobody.knows", 1), ('"unclosed', 1)])
def test_what_is_no_condition_says_where(language: Any, source: Any, column: Any) -> None:
    with pytest.raises(BadCondition) as caught:
        language.compile(source)
    assert caught.value.said[0].column == column
