"""The playbook changes while rules are running: they finish as they began, and what is new fires nothing of the past."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from care_contracts.clock import rfc3339
from care_contracts.reasons import Reason, Verdict
from outreach.core.adopting import MAX_VANISHED
from outreach.core.policy import Cap, Policy
from outreach.core.rules import OnEdge, OnMoment, OnPeriod, OnSilence
from outreach.core.steps import Alert, Send, Wait, WaitFor, WaitUntil

DAY = 86_400_000
BEGAN = "2026-03-02 10:00"


def tips(words: Any, letter: str = "tips", wait: int = 3 * DAY, **more: Any) -> Any:
    return words.rule("tips", words.on("order.placed"), Wait("0", wait), Send("1", letter), revision=letter, **more)


def test_a_rule_that_changed_finishes_as_it_began_and_says_which_version_it_was(tell: Callable[..., Any], words: Any) -> None:
    story = tell(tips(words))
    story.happens(BEGAN, "order.placed")
    story.is_replaced("2026-03-03 10:00", tips(words, "better-tips", DAY))
    story.happens("2026-03-03 11:00", "order.placed")
    story.time_passes("2026-03-10 00:00")
    assert story.sent == [("2026-03-04 11:00", "better-tips"), ("2026-03-05 10:00", "tips")]
    assert [command.playbook for command in story.commands] == ["v2", "v1"]
    assert [(d.verdict, d.playbook) for d in story.decisions if d.verdict is Verdict.SENT] == [("sent", "v2"), ("sent", "v1")]


def test_a_rule_that_vanished_finishes_as_it_began(tell: Callable[..., Any], words: Any) -> None:
    story = tell(words.rule("ask", words.on("order.placed"), Send("0", "ask"), WaitFor("1", ("ticket.opened",), 9 * DAY, 3), Send("2", "sorry")))
    story.happens(BEGAN, "order.placed")
    story.is_replaced("2026-03-03 10:00")
    story.happens("2026-03-04 10:00", "order.placed")
    story.happens("2026-03-05 10:00", "ticket.opened")
    assert story.sent == [("2026-03-02 10:00", "ask"), ("2026-03-05 10:00", "sorry")]


def test_who_moves_waits_for_the_local_time_of_the_version_it_began_under(tell: Callable[..., Any], words: Any) -> None:
    morning = words.rule("greet", words.on("order.placed"), WaitUntil("0", 9 * 60), Send("1", "hello"))
    for later in ((), (words.rule("greet", words.on("order.placed"), Send("0", "hello"), Send("1", "tips"), revision="2"),)):
        story = tell(morning)
        story.happens(BEGAN, "order.placed")
        story.is_replaced("2026-03-02 12:00", *later)
        story.happens("2026-03-02 13:00", "customer.updated", time_zone="Asia/Tokyo")
        story.time_passes("2026-03-04 10:00")
        assert story.sent == [("2026-03-03 00:00", "hello")]


def test_guards_are_always_those_of_the_active_policy(tell: Callable[..., Any], words: Any) -> None:
    story = tell(tips(words), words.rule("hello", words.on("order.placed"), Send("0", "hello")))
    story.happens(BEGAN, "order.placed")
    story.is_replaced("2026-03-03 10:00", policy=Policy(caps={"all": (Cap(1, 7 * DAY),)}, when_capped="skip"))
    story.time_passes("2026-03-06 10:00")
    assert story.sent == [("2026-03-02 10:00", "hello")]
    assert story.reasons == [Reason.CAP]


def test_switching_a_rule_off_stops_what_is_running_at_its_next_letter(tell: Callable[..., Any], words: Any) -> None:
    story = tell(tips(words))
    story.happens(BEGAN, "order.placed")
    story.is_replaced("2026-03-03 10:00", tips(words, mode="off"))
    story.time_passes("2026-03-06 10:00")
    assert (story.sent, story.reasons) == ([], [Reason.OFF])


def test_what_began_in_the_shadow_stays_there_and_what_is_put_there_goes_there(tell: Callable[..., Any], words: Any) -> None:
    for before, after in (("shadow", "live"), ("live", "shadow")):
        story = tell(tips(words, mode=before))
        story.happens(BEGAN, "order.placed")
        story.is_replaced("2026-03-03 10:00", tips(words, mode=after))
        story.time_passes("2026-03-06 10:00")
        assert (story.sent, story.reasons) == ([], [Reason.SHADOW])


def test_after_90_days_a_replaced_version_has_no_say_any_more(tell: Callable[..., Any], words: Any) -> None:
    story = tell(tips(words, wait=91 * DAY))
    story.happens(BEGAN, "order.placed")
    story.is_replaced("2026-03-03 10:00", tips(words, "better-tips"))
    story.time_passes("2026-07-06 10:00")
    assert story.sent == []
    assert "over 90 days ago" in story.decisions[-1].detail
    assert story.customer.instances == []


def test_a_rule_of_the_active_version_may_take_longer(tell: Callable[..., Any], words: Any) -> None:
    story = tell(tips(words, wait=91 * DAY))
    story.happens(BEGAN, "order.placed")
    story.time_passes("2026-07-06 10:00")
    assert story.sent == [("2026-06-01 10:00", "tips")]


def test_a_version_that_cannot_be_found_any_more_ends_what_runs_under_it_and_says_so(tell: Callable[..., Any], words: Any) -> None:
    story = tell(tips(words))
    story.happens(BEGAN, "order.placed")
    story.is_replaced("2026-03-03 10:00")
    story.earlier.clear()
    story.time_passes("2026-03-06 10:00")
    assert story.decisions[-1].reason is Reason.CANCELLED
    assert "cannot be found" in story.decisions[-1].detail
    assert story.decisions[-1].playbook == "v1"


def test_what_was_stored_without_a_version_goes_on_with_the_active_one(tell: Callable[..., Any], words: Any) -> None:
    story = tell(tips(words))
    story.happens(BEGAN, "order.placed")
    story.customer.instances[0].version = ""
    story.is_replaced("2026-03-03 10:00", tips(words, "better-tips"))
    story.time_passes("2026-03-06 10:00")
    assert story.sent == [("2026-03-05 10:00", "better-tips")]


def test_the_next_team_is_that_of_the_version_that_asked_the_first(tell: Callable[..., Any], words: Any) -> None:
    story = tell(words.rule("help", words.on("ticket.opened"), Alert("0", "care", "please look", DAY, "leads"), purpose="staff", expires_after=2 * DAY))
    story.happens(BEGAN, "ticket.opened")
    story.is_replaced("2026-03-02 12:00")
    story.time_passes("2026-03-04 10:00")
    assert [(c.what, c.playbook, rfc3339(c.not_after)[:10]) for c in story.commands] == [("care", "v1", "2026-03-04"), ("leads", "v1", "2026-03-05")]


def test_a_new_silence_waits_for_its_end_even_of_a_customer_who_says_nothing(tell: Callable[..., Any], words: Any) -> None:
    miss = words.rule("miss", OnSilence(("order.placed",), 10 * DAY), Send("0", "miss-you"))
    story = tell()
    story.happens(BEGAN, "order.placed")
    story.is_replaced("2026-03-08 10:00", miss)
    story.time_passes("2026-03-30 10:00")
    assert story.sent == [("2026-03-12 10:00", "miss-you")]


def test_a_silence_that_is_past_fires_nothing_under_a_changed_rule_but_the_next_one_does(tell: Callable[..., Any], words: Any) -> None:
    story = tell(words.rule("miss", OnSilence(("order.placed",), 30 * DAY), Send("0", "miss-you")))
    story.happens(BEGAN, "order.placed")
    story.is_replaced("2026-03-20 10:00", words.rule("miss", OnSilence(("order.placed",), 10 * DAY), Send("0", "miss-you"), revision="2"))
    story.time_passes("2026-04-30 10:00")
    assert (story.sent, story.reasons) == ([], [])
    story.happens("2026-05-01 10:00", "order.placed")
    story.time_passes("2026-05-30 10:00")
    assert story.sent == [("2026-05-11 10:00", "miss-you")]


def test_a_new_edge_only_notes_where_a_customer_stands_and_acts_from_the_next_event_on(tell: Callable[..., Any], words: Any) -> None:
    loyal = words.rule("loyal", OnEdge(words.If(lambda scope: scope.customer.plain()["orders"] >= 2)), Send("0", "thanks"), purpose="care")
    for orders, sent in ((1, ["thanks"]), (2, [])):
        story = tell()
        for number in range(orders):
            story.happens(f"2026-03-0{number + 1} 10:00", "order.placed")
        story.is_replaced("2026-03-08 10:00", loyal)
        story.happens("2026-03-09 10:00", "order.placed")
        assert [letter for _, letter in story.sent] == sent


def test_a_changed_period_goes_on_from_its_next_time_and_repeats_none(tell: Callable[..., Any], words: Any) -> None:
    story = tell(words.rule("check", OnPeriod(30 * DAY), Send("0", "check")))
    story.happens(BEGAN, "order.placed")
    story.is_replaced("2026-03-25 10:00", words.rule("check", OnPeriod(10 * DAY), Send("0", "check"), revision="2"))
    story.time_passes("2026-04-05 10:00")
    assert story.sent == [("2026-04-01 10:00", "check")]


def test_a_new_notice_reaches_customers_who_say_nothing_and_a_vanished_one_nobody(tell: Callable[..., Any], words: Any) -> None:
    notice = words.rule("notice", OnMoment(datetime(2026, 3, 20, 9, 0)), Send("0", "notice"))  # noqa: DTZ001 - a wall clock has no zone
    story = tell()
    story.happens(BEGAN, "order.placed")
    story.is_replaced("2026-03-10 10:00", notice)
    assert story.customer.timers
    story.is_replaced("2026-03-11 10:00")
    assert (story.customer.timers, story.customer.known) == ({}, {})
    story.is_replaced("2026-03-12 10:00", notice)
    story.time_passes("2026-03-21 10:00")
    assert story.sent == [("2026-03-20 09:00", "notice")]


def test_of_rules_that_vanished_long_ago_nothing_is_remembered(tell: Callable[..., Any], words: Any) -> None:
    story = tell()
    for number in range(MAX_VANISHED + 5):
        story.is_replaced(BEGAN, words.rule(f"rule-{number}", words.on("order.placed"), Send("0", "hello")))
        story.happens(BEGAN, "order.placed", event_id=f"e{number}")
    story.is_replaced(BEGAN)
    assert list(story.customer.occasions) == [f"rule-{number}" for number in range(5, MAX_VANISHED + 5)]
    assert story.customer.last_start.keys() == story.customer.occasions.keys()
