"""Examples run through the production engine, and a failing one says what happened beside what was expected."""

from typing import Any

import pytest
from outreach.playbook.examples import run_example


def results(read: Any) -> Any:
    return [run_example(file.rule, example, read.playbook) for file in read.rules for example in file.examples]


def test_examples_that_are_right_pass(folder: Any) -> None:
    assert [result.passed for result in results(folder())] == [True, True]


@pytest.mark.parametrize(
    ("right", "wrong", "missing", "surplus"),
    [
        ("{at: 2026-03-02 10:00, send: hello}", "{at: 2026-03-02 11:00, send: hello}", "2026-03-02 11:00:00  send hello", "2026-03-02 10:00:00  send hello"),
        ("[{at: 2026-03-02 10:00, send: hello}]", "nothing", None, "2026-03-02 10:00:00  send hello"),
        ("expect: nothing", "expect: {nothing: cap}", "nothing, because: cap", None),
        ("expect: nothing", "expect: [{hold: hello, because: cap}]", "at any time  hold hello because cap", None),
    ],
    ids=["at another time", "nothing expected", "another reason", "a hold that was none"],
)
def test_a_wrong_example_fails_with_a_diff(folder: Any, rule_text: Any, right: Any, wrong: Any, missing: Any, surplus: Any) -> None:
    failed = [result for result in results(folder({"rules/hello.yaml": rule_text.replace(right, wrong, 1)})) if not result.passed]
    assert len(failed) == 1
    assert failed[0].missing == ((missing,) if missing else ())
    assert failed[0].surplus == ((surplus,) if surplus else ())


def test_quiet_hours_of_the_policy_hold_in_examples_too(folder: Any, rule_text: Any) -> None:
    night = rule_text.replace("10:00, event: order.placed, order_id: A1, total: 50", "22:00, event: order.placed, order_id: A1, total: 50")
    expected = night.replace(
        "[{at: 2026-03-02 10:00, send: hello}]", "[{at: 2026-03-02 22:00, hold: hello, because: quiet_hours}, {at: 2026-03-03 08:00, send: hello}]"
    )
    assert all(result.passed for result in results(folder({"rules/hello.yaml": expected})))
