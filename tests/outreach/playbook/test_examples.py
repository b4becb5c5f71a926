"""Examples run through the production engine, and a failing one says what happened beside what was expected."""

from typing import Any

import pytest
from outreach.playbook.cel import CelCondition
from outreach.playbook.examples import run_example


def results(read: Any) -> Any:
    return [run_example(file.rule, example, read.playbook) for file in read.rules for example in file.examples]


def said(lines: Any) -> Any:
    return tuple(f"{line.at or 'at any time'}  {line.verb} {line.what}" + (f" because {line.because}" if line.because else "") for line in lines)


def test_examples_that_are_right_pass(folder: Any) -> None:
    assert [result.passed for result in results(folder())] == [True, True]


@pytest.mark.parametrize(
    ("right", "wrong", "missing", "surplus"),
    [
        ("{at: 2026-03-02 10:00, send: hello}", "{at: 2026-03-02 11:00, send: hello}", "2026-03-02 11:00:00  send hello", "2026-03-02 10:00:00  send hello"),
        ("[{at: 2026-03-02 10:00, send: hello}]", "nothing", None, "2026-03-02 10:00:00  send hello"),
        ("expect: nothing", "expect: {nothing: cap}", "at any time  nothing  because cap", None),
        ("expect: nothing", "expect: [{hold: hello, because: cap}]", "at any time  hold hello because cap", None),
    ],
    ids=["at another time", "nothing expected", "another reason", "a hold that was none"],
)
def test_a_wrong_example_fails_with_a_diff(folder: Any, rule_text: Any, right: Any, wrong: Any, missing: Any, surplus: Any) -> None:
    failed = [result for result in results(folder({"rules/hello.yaml": rule_text.replace(right, wrong, 1)})) if not result.passed]
    assert len(failed) == 1
    assert said(failed[0].missing) == ((missing,) if missing else ())
    assert said(failed[0].surplus) == ((surplus,) if surplus else ())


GIFTS = """
id: gifts
why: Thanks.
purpose: care
when: {event: order.placed}
then:
  - reward: {coupon: thank-you}
  - reward: {points: 50}
  - webhook: loyalty
    data: {tier: gold}
  - send: gift
examples:
  - name: gives
    given: [{at: 2026-03-02 10:00, event: order.placed, order_id: A1}]
    expect:
      - {at: 2026-03-02 10:00, reward: thank-you}
      - {at: 2026-03-02 10:00, reward: 50 points}
      - {at: 2026-03-02 10:00, webhook: loyalty}
      - {at: 2026-03-02 10:00, send: gift}
  - name: leaves who only looks in peace
    given: [{at: 2026-03-02 10:00, event: product.used}]
    expect: nothing
"""
GIFT = "---\nsubject: For you\npreheader: Thanks\n---\n{{ reward.coupon }}, and {{ reward.points }} of {{ customer.points }} points.\n"


def test_rewards_and_webhooks_are_lines_like_any_other(folder: Any) -> None:
    read = folder({"rules/gifts.yaml": GIFTS, "letters/gift.md": GIFT})
    assert read.errors == ()
    assert all(result.passed for result in results(read))


def test_a_playbook_whose_codes_lie_elsewhere_can_be_tested(folder: Any) -> None:
    read = folder({"rules/gifts.yaml": GIFTS.replace("thank-you", "elsewhere"), "letters/gift.md": GIFT})
    assert [(each.code, each.expected) for each in read.problems if each.file.startswith("rules")] == [("C035", "coupons/elsewhere.txt")]
    assert read.errors == ()
    assert all(result.passed for result in results(read))


@pytest.mark.parametrize(
    ("line", "wrong"),
    [("reward: thank-you", "reward: thank-yu"), ("reward: 50 points", "reward: 60 points"), ("webhook: loyalty", "alert: loyalty")],
)
def test_a_reward_or_a_call_that_was_not_expected_so_fails(folder: Any, line: Any, wrong: Any) -> None:
    written = GIFTS.replace(f"{line}}}", f"{wrong}}}")
    failed = [result for result in results(folder({"rules/gifts.yaml": written, "letters/gift.md": GIFT})) if not result.passed]
    lines = [tuple(f"2026-03-02 10:00:00  {words.replace(':', '')}" for words in (wrong, line))]
    assert [said((*result.missing, *result.surplus)) for result in failed] == lines


def test_a_reward_that_was_forgotten_among_the_lines_fails(folder: Any) -> None:
    forgotten = GIFTS.replace("      - {at: 2026-03-02 10:00, reward: 50 points}\n", "")
    assert [result.passed for result in results(folder({"rules/gifts.yaml": forgotten, "letters/gift.md": GIFT}))].count(False) == 1


def test_a_story_may_end_before_everything_is_done(folder: Any, rule_text: Any) -> None:
    later = rule_text.replace("- send: hello", "- wait: 3d\n  - send: hello").replace("[{at: 2026-03-02 10:00, send: hello}]", "[{send: hello}]")
    assert all(result.passed for result in results(folder({"rules/hello.yaml": later})))
    ended = later.replace("    expect: [{send: hello}]", "    until: 2026-03-05 09:59\n    expect: [{send: hello}]")
    assert [said(result.missing) for result in results(folder({"rules/hello.yaml": ended})) if not result.passed] == [("at any time  send hello",)]


def test_codes_are_no_part_of_a_version_and_pools_are(folder: Any) -> None:
    one, more = folder(), folder({"coupons/thank-you.txt": "SECOND-2\n"})
    assert one.playbook.version == more.playbook.version != folder({"coupons/other.txt": "A\n"}).playbook.version
    assert more.files["coupons/thank-you.txt"] == b""


def test_quiet_hours_of_the_policy_hold_in_examples_too(folder: Any, rule_text: Any) -> None:
    night = rule_text.replace("10:00, event: order.placed, order_id: A1, total: 50", "22:00, event: order.placed, order_id: A1, total: 50")
    expected = night.replace(
        "[{at: 2026-03-02 10:00, send: hello}]", "[{at: 2026-03-02 22:00, hold: hello, because: quiet_hours}, {at: 2026-03-03 08:00, send: hello}]"
    )
    assert all(result.passed for result in results(folder({"rules/hello.yaml": expected})))


NIGHT = "2026-03-02 22:00"
HELD = f"[{{at: {NIGHT}, hold: hello, because: quiet_hours}}, {{at: 2026-03-03 08:00, send: hello}}]"


@pytest.mark.parametrize(
    ("expected", "missing"),
    [
        (HELD, ()),
        (HELD.replace("quiet_hours", "cap"), (f"{NIGHT}:00  hold hello because cap",)),
        (HELD.replace("22:00, hold", "22:01, hold"), ("2026-03-02 22:01:00  hold hello because quiet_hours",)),
        (HELD.replace("hold", "skip"), (f"{NIGHT}:00  skip hello because quiet_hours",)),
        ("[{at: 2026-03-03 08:00, send: hello}]", ()),
        ("[{at: 2026-03-03 08:00, send: hello}, {at: 2026-03-03 08:00, send: hello}]", ("2026-03-03 08:00:00  send hello",)),
    ],
    ids=["as it was", "for another reason", "at another time", "skipped instead", "holds need not be said", "each line counts once"],
)
def test_a_hold_is_expected_with_its_time_and_reason(folder: Any, rule_text: Any, expected: Any, missing: Any) -> None:
    night = rule_text.replace("2026-03-02 10:00, event: order.placed, order_id: A1, total: 50", f"{NIGHT}, event: order.placed, order_id: A1, total: 50")
    written = night.replace("[{at: 2026-03-02 10:00, send: hello}]", expected)
    result = results(folder({"rules/hello.yaml": written}))[0]
    assert (said(result.missing), result.surplus) == (missing, ())


@pytest.mark.parametrize("mode", ["shadow", "off"])
def test_a_rule_that_is_tried_or_switched_off_keeps_its_examples(folder: Any, rule_text: Any, mode: str) -> None:
    """They show what it does when it is live, and fail where that is wrong."""
    asleep = rule_text.replace("purpose: care", f"purpose: care\nmode: {mode}")
    read = folder({"rules/hello.yaml": asleep})
    assert read.problems == folder({"rules/hello.yaml": rule_text}).problems
    assert [result.passed for result in results(read)] == [True, True]
    wrong = asleep.replace("total: 5}", "total: 55}")
    assert [result.passed for result in results(folder({"rules/hello.yaml": wrong}))] == [True, False]


@pytest.mark.parametrize(("mode", "passes"), [("shadow", [True, True]), ("off", [False, False]), ("live", [False, False])])
def test_an_example_that_expects_the_shadow_is_run_in_it(folder: Any, rule_text: Any, mode: str, passes: Any) -> None:
    written = rule_text.replace("purpose: care", f"purpose: care\nmode: {mode}").replace("send: hello}]", "skip: hello, because: shadow}]")
    written = written.replace("total: 5}]\n    expect: nothing", "total: 55}]\n    expect: {nothing: shadow}")
    assert [result.passed for result in results(folder({"rules/hello.yaml": written}))] == passes


TWICE = "{at: 2026-03-02 10:00, event: order.placed, order_id: A1, total: 50}, {at: 2026-03-02 11:00, event: order.placed, order_id: A1, total: 50}"


@pytest.mark.parametrize(
    ("line", "passes"),
    [("{at: 2026-03-02 11:00, skip: hello, because: already_sent}", True), ("{skip: hello}", True), ("{skip: hello, because: cap}", False)],
)
def test_a_skip_is_expected_with_its_reason(folder: Any, rule_text: Any, line: Any, passes: Any) -> None:
    written = rule_text.replace("if: 'event.total >= 20'}", "if: 'event.total >= 20'}\nonce_per: event.order_id", 1)
    written = written.replace("{at: 2026-03-02 10:00, event: order.placed, order_id: A1, total: 50}", TWICE)
    written = written.replace("send: hello}]", f"send: hello}}, {line}]", 1)
    assert results(folder({"rules/hello.yaml": written}))[0].passed is passes


@pytest.mark.parametrize(("points", "passes"), [(50, True), (60, False)])
def test_a_reward_of_points_is_a_number(folder: Any, points: Any, passes: Any) -> None:
    written = GIFTS.replace("reward: 50 points", f"reward: {points}")
    read = folder({"rules/gifts.yaml": written, "letters/gift.md": GIFT})
    assert read.errors == ()
    assert results(read)[0].passed is passes


def test_what_came_too_early_does_not_hide_that_the_rest_was_as_expected(folder: Any) -> None:
    forgotten = GIFTS.replace("      - {at: 2026-03-02 10:00, reward: thank-you}\n", "")
    result = results(folder({"rules/gifts.yaml": forgotten, "letters/gift.md": GIFT}))[0]
    assert (said(result.surplus), result.missing) == (("2026-03-02 10:00:00  reward thank-you",), ())


def test_a_condition_of_many_rules_is_compiled_once(folder: Any, rule_text: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []

    class Counted(CelCondition):
        def __init__(self, source: str, *more: Any) -> None:
            compiled.append(source)
            super().__init__(source, *more)

    monkeypatch.setattr("outreach.playbook.cel.CelCondition", Counted)
    rules = {f"rules/hello-{number}.yaml": rule_text.replace("id: hello", f"id: hello-{number}") for number in range(20)}
    assert len(folder(rules).rules) == 21
    assert compiled.count("event.total >= 20") == 1
