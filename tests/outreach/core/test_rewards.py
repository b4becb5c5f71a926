"""What a rule gives and whom it calls: once per occasion, under the guards for what is no letter, and shown by the letters that follow."""

from typing import Any

import pytest
from care_contracts.identity import command_id, occasion
from outreach.core.policy import Holdout, Policy
from outreach.core.rules import OncePer
from outreach.core.steps import Branch, Call, Jump, Reward, Send, Tag, Wait

DAY = 86_400_000


def kinds(story: Any) -> list[tuple[str, str]]:
    return [(command.kind, command.what) for command in story.commands]


def test_a_coupon_is_granted_once_per_occasion_and_the_letter_says_which_grant_it_shows(tell: Any, words: Any) -> None:
    once = {"once_per": OncePer.FIELD, "once_field": "order_id"}
    story = tell(words.rule("thanks", words.on("order.placed"), Reward("0", coupon="thank-you"), Wait("1", DAY), Send("2", "thanks"), **once))
    for day in ("02", "03"):
        story.happens(f"2026-03-{day} 10:00", "order.placed", order_id="A")
    story.time_passes("2026-03-09 10:00")
    assert kinds(story) == [("reward", "thank-you"), ("send", "thanks")]
    grant, letter = story.commands
    assert grant.command_id == command_id(occasion("thanks", "c1", "A"), "0")
    assert grant.options == letter.options == {"coupon": {"pool": "thank-you", "reward_id": grant.command_id}}
    assert [(decision.verdict, decision.what, decision.command_id) for decision in story.decisions if decision.verdict == "rewarded"] == [
        ("rewarded", "thank-you", grant.command_id)
    ]


def test_points_are_counted_when_they_are_granted_and_a_rule_can_ask_for_them(tell: Any, words: Any) -> None:
    rich = words.If(lambda scope: scope.customer.field("points") >= 100)
    steps = (Reward("0", points=60), Branch("1", rich, 4), Send("1.do.0", "gold"), Jump("1.done", 5), Send("1.else.0", "thanks"))
    story = tell(words.rule("loyal", words.on("order.placed"), *steps))
    for day in ("02", "03"):
        story.happens(f"2026-03-{day} 10:00", "order.placed")
    assert kinds(story) == [("reward", "60 points"), ("send", "thanks"), ("reward", "60 points"), ("send", "gold")]
    assert (story.commands[3].context["reward"], story.commands[3].context["customer"]["points"]) == ({"points": 60}, 120)


def test_our_own_word_of_a_grant_is_not_counted_again_and_what_others_say_is(tell: Any, words: Any) -> None:
    story = tell(words.rule("loyal", words.on("order.placed"), Reward("0", points=60)))
    story.happens("2026-03-02 10:00", "order.placed")
    story.happens("2026-03-02 10:01", "reward.granted", source="careloop/courier", reward_id="r1", points=60)
    assert (story.customer.points, len(story.customer.good)) == (60, 1)
    story.happens("2026-03-03 10:00", "reward.granted", source="shop", reward_id="r2", points=15)
    story.happens("2026-03-04 10:00", "reward.redeemed", source="shop", reward_id="r3", points=50)
    story.happens("2026-03-05 10:00", "reward.granted", source="shop", reward_id="r4", points="many", coupon="X")
    assert story.customer.points == 25


@pytest.mark.parametrize(
    ("more", "policy", "reason"),
    [
        ({"mode": "shadow"}, Policy(), "shadow"),
        ({"mode": "off"}, Policy(), "off"),
        ({"purpose": "promotion"}, Policy(holdout=Holdout(1.0)), "holdout"),
    ],
    ids=["shadow", "off", "holdout"],
)
def test_nothing_is_given_called_or_remembered_where_a_guard_objects(tell: Any, words: Any, more: Any, policy: Any, reason: Any) -> None:
    steps = (Reward("0", points=60), Reward("1", coupon="thank-you"), Call("2", "loyalty"), Tag("3", "loyal"))
    story = tell(words.rule("loyal", words.on("order.placed"), *steps, **more), policy=policy)
    story.happens("2026-03-02 10:00", "order.placed")
    assert (story.commands, set(story.reasons), story.customer.points, story.customer.tags) == ([], {reason}, 0, [])


def test_rewards_and_calls_meet_no_quiet_hours_and_nothing_that_is_due_too_late(tell: Any, words: Any, night: Any) -> None:
    story = tell(words.rule("loyal", words.on("order.placed"), Reward("0", points=5), Call("1", "loyalty"), expires_after=DAY), policy=night)
    story.happens("2026-03-02 22:00", "order.placed")
    assert kinds(story) == [("reward", "5 points"), ("webhook", "loyalty")]
    story.happens("2026-03-09 22:00", "order.placed", time="2026-03-05 22:00")
    assert (len(story.commands), story.reasons) == (2, ["expired", "expired"])


def test_a_call_carries_its_data_and_a_name_that_replays_repeat(tell: Any, words: Any) -> None:
    story = tell(words.rule("vip", words.on("order.placed"), Call("0", "loyalty", {"tier": "gold"})))
    story.happens("2026-03-02 10:00", "order.placed", event_id="e1")
    (call,) = story.commands
    assert (call.kind, call.what, call.options) == ("webhook", "loyalty", {"data": {"tier": "gold"}})
    assert call.command_id == command_id(occasion("vip", "c1", "e1"), "0")
    assert [decision.verdict for decision in story.decisions] == ["started", "called"]


def test_history_that_is_imported_counts_points_and_grants_none(tell: Any, words: Any) -> None:
    story = tell(words.rule("loyal", words.on("order.placed"), Reward("0", points=60)))
    story.happens("2026-03-02 10:00", "reward.granted", time="2025-06-01 10:00", history=True, reward_id="r1", points=15)
    story.happens("2026-03-02 10:00", "order.placed", time="2025-06-02 10:00", history=True)
    assert (story.commands, story.customer.points, story.reasons) == ([], 15, ["expired"])


def test_after_erasure_no_points_are_left(tell: Any, words: Any) -> None:
    story = tell(words.rule("loyal", words.on("order.placed"), Reward("0", points=60)))
    story.happens("2026-03-02 10:00", "order.placed")
    story.happens("2026-03-03 10:00", "customer.deleted")
    story.happens("2026-03-04 10:00", "reward.granted", reward_id="r1", points=15)
    assert story.customer.points == 0


def test_what_is_computed_cannot_be_told_as_a_trait(tell: Any) -> None:
    story = tell()
    story.happens("2026-03-02 10:00", "customer.updated", points=1000, alive=0.9, nps=10, orders=7, language="de", segment="b2b")
    assert story.customer.traits == {"email": "ann@example.com", "language": "de", "segment": "b2b"}
