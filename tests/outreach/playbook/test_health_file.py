"""health.yaml: the care team's own borders of a good and a bad relationship."""

from pathlib import Path
from typing import Any

import pytest
from care_contracts.records import Event
from outreach.core.customer import Customer
from outreach.core.decide import decide
from outreach.core.view import View
from outreach.playbook.load import load_files

DAY = 86_400_000


def health_after_two_returns(text: Any) -> Any:
    policy = load_files({"health.yaml": text.encode(), "rules/_none.yaml": b""}).playbook
    ann = Customer("ann")
    for number in (1, 2):
        ann = decide(ann, Event(f"e{number}", "shop", "order.returned", "ann", number * DAY, number * DAY, {"order_id": "A"}), policy).customer
    return View(ann, 3 * DAY, "en", policy.policy.health).field("health")


def test_the_shipped_file_says_what_is_built_in() -> None:
    assert health_after_two_returns("") == {"score": 31, "band": "red", "reasons": ["-44: poor experiences in 90 days: 2"]}
    shipped = Path(__file__).parents[3] / "playbook" / "health.yaml"
    assert health_after_two_returns(shipped.read_text("utf-8")) == health_after_two_returns("")


def test_its_numbers_are_the_care_teams() -> None:
    gentle = "start: 80\nwindow: 30d\nweights: {poor: -10}\nbands: {red_below: 20, green_from: 60}\n"
    assert health_after_two_returns(gentle) == {"score": 60, "band": "green", "reasons": ["-20: poor experiences in 30 days: 2"]}


@pytest.mark.parametrize(
    ("text", "place", "code"),
    [
        ("start: 180", (1, 8), "C004"),
        ("window: 3 months", (1, 9), "C005"),
        ("weights: {por: -1}", (1, 11), "C002"),
        ("bands: {red_below: 80, green_from: 70}", (1, 8), "C006"),
    ],
)
def test_mistakes_say_where(text: Any, place: Any, code: Any) -> None:
    found = [problem for problem in load_files({"health.yaml": text.encode()}).problems if problem.file == "health.yaml"]
    assert [(problem.line, problem.column, problem.code) for problem in found] == [(*place, code)]
