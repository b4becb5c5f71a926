"""How a rule begins, waits, goes on and ends."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from care_contracts.identity import command_id, occasion
from outreach.core.beginning import KEPT_FREE
from outreach.core.conditions import ConditionError
from outreach.core.customer import MAX_INSTANCES, Customer
from outreach.core.rules import Cancel, OnAnniversary, OncePer, OnEdge, OnMoment, OnPeriod, OnSchedule, OnSilence
from outreach.core.steps import Alert, Branch, Jump, Send, StopIf, Tag, Variant, Wait, WaitFor, WaitUntil


def test_an_event_sends_a_letter_with_a_name_that_replays_repeat(tell: Any, words: Any) -> None:
    story = tell(words.rule("hello", words.on("customer.created"), Send("0", "hello")))
    story.happens("2026-03-02 10:00", "customer.created", event_id="e1")
    assert story.sent == [("2026-03-02 10:00", "hello")]
    assert story.commands[0].command_id == command_id(occasion("hello", "c1", "e1"), "0")


def test_the_same_event_twice_is_one_event(tell: Any, words: Any) -> None:
    story = tell(words.rule("hello", words.on("customer.created"), Send("0", "hello")))
    for minute in ("10:00", "10:01"):
        story.happens(f"2026-03-02 {minute}", "customer.created", event_id="e1")
    assert len(story.commands) == 1


def test_the_given_customer_is_not_changed(tell: Any, words: Any) -> None:
    story = tell(words.rule("hello", words.on("order.placed"), Wait("0", words.ms("1970-01-02 00:00")), Send("1", "hello")))
    before, untouched = story.customer, story.customer.copy()
    story.happens("2026-03-02 10:00", "order.placed", order_id="A", total=5)
    assert before == untouched
    assert story.customer != untouched


def test_a_wait_ends_at_its_own_moment_however_late_the_next_record_comes(tell: Any, words: Any) -> None:
    story = tell(words.rule("tips", words.on("order.placed"), Wait("0", 3 * DAY), Send("1", "tips")))
    story.happens("2026-03-02 10:00", "order.placed")
    story.happens("2026-03-06 23:00", "product.used")
    assert story.sent == [("2026-03-05 10:00", "tips")]


def test_due_moments_count_from_when_the_event_happened_not_from_its_arrival(tell: Any, words: Any) -> None:
    story = tell(words.rule("tips", words.on("order.placed"), Wait("0", 3 * DAY), Send("1", "tips")))
    story.happens("2026-03-04 10:00", "order.placed", time="2026-03-02 10:00")
    story.time_passes("2026-03-05 10:00")
    assert story.sent == [("2026-03-05 10:00", "tips")]


def test_time_never_goes_back_for_a_customer_when_a_producers_clock_does(tell: Any, words: Any) -> None:
    story = tell(words.rule("hello", words.on("order.placed"), Send("0", "hello")))
    story.happens("2026-03-02 10:00", "product.used")
    story.happens("2026-03-02 09:59", "order.placed")
    assert story.sent == [("2026-03-02 10:00", "hello")]


def test_a_cancelling_event_of_the_same_order_ends_the_rule(tell: Any, words: Any) -> None:
    rule = words.rule(
        "ask",
        words.on("order.delivered"),
        Wait("0", 3 * DAY),
        Send("1", "ask"),
        once_per=OncePer.FIELD,
        once_field="order_id",
        cancel_on=(Cancel("order.returned", None, "order_id"),),
    )
    story = tell(rule)
    story.happens("2026-03-02 10:00", "order.delivered", order_id="A")
    story.happens("2026-03-02 11:00", "order.delivered", order_id="B")
    story.happens("2026-03-03 10:00", "order.returned", order_id="A")
    story.time_passes("2026-03-09 10:00")
    assert story.sent == [("2026-03-05 11:00", "ask")]
    assert story.reasons == ["cancelled"]


def test_stop_if_is_judged_again_when_a_held_letter_is_released(tell: Any, words: Any, night: Any) -> None:
    stop = StopIf("0", words.If(lambda scope: bool(scope.customer.plain()["open_tickets"])))
    story = tell(words.rule("ask", words.on("order.delivered"), stop, Send("1", "ask")), policy=night)
    story.happens("2026-03-02 22:00", "order.delivered")
    story.happens("2026-03-02 23:00", "ticket.opened", ticket_id="T")
    story.time_passes("2026-03-03 09:00")
    assert story.sent == []
    assert story.reasons == ["quiet_hours", "stopped"]


def test_an_awaited_answer_must_come_from_this_rules_own_letter(tell: Any, words: Any) -> None:
    steps = (Send("0", "ask"), WaitFor("1", ("survey.answered",), 7 * DAY, missed=4), Send("2", "thanks"), Jump("2x", 5), Send("3", "reminder"))
    story = tell(words.rule("ask", words.on("order.delivered"), *steps))
    story.happens("2026-03-02 10:00", "order.delivered")
    story.happens("2026-03-03 10:00", "survey.answered", command_id="another", kind="csat", score=5)
    assert story.sent == [("2026-03-02 10:00", "ask")]
    story.happens("2026-03-04 10:00", "survey.answered", command_id=story.commands[0].command_id, kind="csat", score=5)
    assert story.sent[1:] == [("2026-03-04 10:00", "thanks")]
    assert story.commands[1].context["answer"]["score"] == 5


def test_what_does_not_come_in_time_is_missed(tell: Any, words: Any) -> None:
    steps = (Send("0", "ask"), WaitFor("1", ("survey.answered",), 7 * DAY, missed=4), Send("2", "thanks"), Jump("2x", 5), Send("3", "reminder"))
    story = tell(words.rule("ask", words.on("order.delivered"), *steps))
    story.happens("2026-03-02 10:00", "order.delivered")
    story.time_passes("2026-03-20 10:00")
    assert story.sent[1:] == [("2026-03-09 10:00", "reminder")]
    assert story.customer.instances == []


@pytest.mark.parametrize(("total", "letter"), [(50, "big"), (5, "small")])
def test_a_branch_takes_one_way(tell: Any, words: Any, total: Any, letter: Any) -> None:
    big = words.If(lambda scope: scope.event["total"] > 20)
    story = tell(words.rule("both", words.on("order.placed"), Branch("0", big, 3), Send("0.do.0", "big"), Jump("0.done", 4), Send("0.else.0", "small")))
    story.happens("2026-03-02 10:00", "order.placed", total=total)
    assert [what for _, what in story.sent] == [letter]


def test_a_variant_is_the_customers_for_ever_and_splits_evenly(tell: Any, words: Any) -> None:
    steps = (Variant("0", (("a", 1), ("b", 3))), Send("0.a.0", "a"), Jump("0.a.done", 4), Send("0.b.0", "b"))
    arms = []
    for number in range(200):
        story = tell(words.rule("test", words.on("order.placed"), *steps))
        story.customer = Customer(f"c{number}", traits={"email": "ann@example.com"})
        for day in ("02", "03"):
            story.happens(f"2026-03-{day} 10:00", "order.placed")
        assert story.sent[0][1] == story.sent[1][1]
        arms.append(story.sent[0][1])
    assert 80 < arms.count("a") < 120


def test_wait_until_is_the_customers_own_morning(tell: Any, words: Any) -> None:
    story = tell(words.rule("tips", words.on("customer.created"), WaitUntil("0", 9 * 60), Send("1", "tips")))
    story.happens("2026-03-02 10:00", "customer.created", time_zone="America/New_York")
    story.time_passes("2026-03-05 10:00")
    assert story.sent == [("2026-03-02 14:00", "tips")]


def test_a_silence_fires_once_and_again_only_after_a_new_order(tell: Any, words: Any) -> None:
    story = tell(words.rule("miss-you", OnSilence(("order.placed",), 60 * DAY), Send("0", "miss-you")))
    story.happens("2026-01-01 10:00", "order.placed")
    story.happens("2026-01-11 10:00", "order.placed")
    story.time_passes("2026-06-01 10:00")
    assert story.sent == [("2026-03-12 10:00", "miss-you")]
    story.happens("2026-06-02 10:00", "order.placed")
    story.time_passes("2026-12-01 10:00")
    assert story.sent[1:] == [("2026-08-01 10:00", "miss-you")]


def test_an_older_event_never_moves_a_silence_backwards(tell: Any, words: Any) -> None:
    story = tell(words.rule("miss-you", OnSilence(("order.placed",), 60 * DAY), Send("0", "miss-you")))
    story.happens("2026-01-11 10:00", "order.placed")
    story.happens("2026-01-12 10:00", "order.placed", time="2025-12-01 10:00")
    story.time_passes("2026-04-01 10:00")
    assert story.sent == [("2026-03-12 10:00", "miss-you")]


def test_a_condition_that_becomes_true_fires_at_the_edge_only(tell: Any, words: Any) -> None:
    trouble = words.If(lambda scope: scope.customer.poor(90 * DAY) >= 2)
    story = tell(words.rule("at-risk", OnEdge(trouble), Alert("0", "care", "please look")))
    for day in ("01", "02", "03"):
        story.happens(f"2026-03-{day} 10:00", "payment.failed")
    assert [command.what for command in story.commands] == ["care"]
    story.time_passes("2026-09-01 10:00")
    for day in ("02", "03"):
        story.happens(f"2026-09-{day} 10:00", "payment.failed")
    assert len(story.commands) == 2, "after the bad months are over, trouble can begin anew"


@pytest.mark.parametrize("when", [OnEdge, OnSilence, OnPeriod], ids=["a condition", "a silence", "a period"])
def test_once_per_customer_is_once_whatever_begins_the_rule(tell: Any, words: Any, when: Any) -> None:
    forms = {
        OnEdge: OnEdge(words.If(lambda scope: scope.customer.poor(90 * DAY) >= 1)),
        OnSilence: OnSilence(("payment.failed",), 60 * DAY),
        OnPeriod: OnPeriod(100 * DAY),
    }
    story = tell(words.rule("once", forms[when], Send("0", "hello"), once_per=OncePer.CUSTOMER))
    for day in ("2025-01-02", "2025-09-02", "2026-06-02"):
        story.happens(f"{day} 10:00", "payment.failed")
    story.happens("2027-01-02 10:00", "product.used")
    assert len(story.sent) == 1


def test_a_new_rule_first_only_notes_what_is_true_of_an_existing_customer(tell: Any, words: Any) -> None:
    story = tell()
    for day in ("01", "02"):
        story.happens(f"2026-03-{day} 10:00", "payment.failed")
    trouble = words.If(lambda scope: scope.customer.poor(90 * DAY) >= 2)
    later = tell(words.rule("at-risk", OnEdge(trouble), Alert("0", "care", "please look")))
    later.customer = story.customer
    later.happens("2026-03-04 10:00", "product.used", event_id="later")
    assert later.commands == []
    assert later.customer.edges == {"at-risk": True}


@pytest.mark.parametrize(("asked", "letters"), [("2026-03-04 10:00", 1), ("2026-09-04 10:00", 0)], ids=["still to come", "already past"])
def test_a_new_silence_rule_fires_only_for_silences_that_end_after_it_came(tell: Any, words: Any, asked: Any, letters: Any) -> None:
    story = tell()
    story.happens("2026-03-01 10:00", "order.placed")
    later = tell(words.rule("miss-you", OnSilence(("order.placed",), 60 * DAY), Send("0", "miss-you")))
    later.customer = story.customer
    later.happens(asked, "product.used", event_id="later")
    later.time_passes("2026-12-01 10:00")
    assert len(later.commands) == letters


def test_something_older_than_the_wait_is_not_what_was_waited_for(tell: Any, words: Any) -> None:
    steps = (Send("0", "ask"), WaitFor("1", ("review.posted",), 7 * DAY, missed=3), Send("2", "thanks"))
    story = tell(words.rule("ask", words.on("order.delivered"), *steps))
    story.happens("2026-03-02 10:00", "order.delivered")
    story.happens("2026-03-03 10:00", "review.posted", time="2026-03-01 10:00", rating=5)
    assert [what for _, what in story.sent] == ["ask"]
    story.happens("2026-03-04 10:00", "review.posted", rating=5)
    assert [what for _, what in story.sent] == ["ask", "thanks"]


def test_a_period_begins_one_full_period_after_the_first_sight(tell: Any, words: Any) -> None:
    story = tell(words.rule("check", OnPeriod(90 * DAY, minute=10 * 60), Send("0", "check")))
    story.happens("2026-01-01 15:00", "customer.created")
    story.time_passes("2026-07-15 12:00")
    assert story.sent == [("2026-04-02 10:00", "check"), ("2026-07-01 10:00", "check")]


def test_a_leap_days_birthday_is_kept_on_the_28th_and_a_late_birthday_counts_too(tell: Any, words: Any) -> None:
    story = tell(words.rule("birthday", OnAnniversary("birthday", 9 * 60), Send("0", "birthday")))
    story.happens("2026-01-01 15:00", "customer.created")
    story.happens("2026-02-01 15:00", "customer.updated", birthday="1992-02-29", time_zone="Europe/Berlin")
    story.time_passes("2028-12-31 12:00")
    assert story.sent == [("2026-02-28 08:00", "birthday"), ("2027-02-28 08:00", "birthday"), ("2028-02-29 08:00", "birthday")]


def test_the_day_of_joining_is_no_anniversary_yet(tell: Any, words: Any) -> None:
    story = tell(words.rule("year", OnAnniversary("created_at", 9 * 60), Send("0", "year")))
    story.happens("2026-05-04 07:00", "customer.created", created_at="2026-05-04T07:00:00Z")
    story.time_passes("2027-12-31 12:00")
    assert story.sent == [("2027-05-04 09:00", "year")]


def test_a_one_off_notice_reaches_who_is_known_by_then_once(tell: Any, words: Any) -> None:
    notice = words.rule("notice", OnMoment(datetime.fromisoformat("2026-12-01 09:00")), Send("0", "notice"))
    story = tell(notice)
    story.happens("2026-11-01 10:00", "customer.created", time_zone="America/New_York")
    story.time_passes("2027-12-31 12:00")
    assert story.sent == [("2026-12-01 14:00", "notice")]
    late = tell(notice)
    late.happens("2026-12-02 10:00", "customer.created")
    late.time_passes("2027-12-31 12:00")
    assert late.sent == []


def test_a_schedule_follows_the_customers_wall_clock_over_a_clock_change(tell: Any, words: Any) -> None:
    class Daily:
        def after(self, wall: datetime) -> datetime:
            nine = wall.replace(hour=9, minute=0, second=0, microsecond=0)
            return nine if nine > wall else nine + timedelta(days=1)

    story = tell(words.rule("daily", OnSchedule(Daily()), Send("0", "daily")))
    story.happens("2026-03-28 12:00", "customer.created", time_zone="Europe/London")
    story.time_passes("2026-03-30 12:00")
    assert story.sent == [("2026-03-29 08:00", "daily"), ("2026-03-30 08:00", "daily")]


def test_an_alert_that_nobody_takes_up_goes_to_the_next_team_once(tell: Any, words: Any) -> None:
    story = tell(words.rule("help", words.on("ticket.opened"), Alert("0", "care", "please look", 4 * HOUR, "leads")))
    story.happens("2026-03-02 10:00", "ticket.opened", ticket_id="T")
    story.time_passes("2026-03-09 10:00")
    assert story.sent == [("2026-03-02 10:00", "care"), ("2026-03-02 14:00", "leads")]


def test_a_claimed_task_does_not_escalate(tell: Any, words: Any) -> None:
    story = tell(words.rule("help", words.on("ticket.opened"), Alert("0", "care", "please look", 4 * HOUR, "leads")))
    story.happens("2026-03-02 10:00", "ticket.opened", ticket_id="T")
    story.happens("2026-03-02 11:00", "task.claimed", task_id=story.commands[0].command_id)
    story.time_passes("2026-03-09 10:00")
    assert [what for _, what in story.sent] == ["care"]


def test_tags_are_remembered_and_forgotten(tell: Any, words: Any) -> None:
    story = tell(words.rule("vip", words.on("order.placed"), Tag("0", "vip")), words.rule("no-vip", words.on("order.returned"), Tag("0", "vip", add=False)))
    story.happens("2026-03-02 10:00", "order.placed")
    assert story.customer.tags == ["vip"]
    story.happens("2026-03-03 10:00", "order.returned")
    assert story.customer.tags == []


def test_a_condition_that_cannot_be_judged_counts_as_not_met_and_says_so(tell: Any, words: Any) -> None:
    def broken(_: Any) -> Any:
        raise ConditionError('there is no field "x"')

    story = tell(words.rule("hello", words.on("order.placed", condition=words.If(broken)), Send("0", "hello")))
    story.happens("2026-03-02 10:00", "order.placed")
    assert story.commands == []
    assert story.reasons == ["condition_error"]


def test_a_missing_occasion_field_means_no_start_with_a_record(tell: Any, words: Any) -> None:
    story = tell(words.rule("ask", words.on("order.delivered"), Send("0", "ask"), once_per=OncePer.FIELD, once_field="order_id"))
    story.happens("2026-03-02 10:00", "order.delivered")
    assert (story.commands, story.reasons) == ([], ["no_occasion"])


@pytest.mark.parametrize(("once", "letters"), [({"once_per": OncePer.CUSTOMER}, 1), ({"once_per": OncePer.DURATION, "once_ms": 30 * 86_400_000}, 2), ({}, 3)])
def test_once_per_says_what_is_the_same_occasion(tell: Any, words: Any, once: Any, letters: Any) -> None:
    story = tell(words.rule("hello", words.on("order.placed"), Send("0", "hello"), **once))
    for month in ("03", "04"):
        story.happens(f"2026-{month}-02 10:00", "order.placed")
    story.happens("2026-04-05 10:00", "order.placed")
    assert len(story.commands) == letters


def test_a_customer_has_a_bounded_number_of_running_rules(tell: Any, words: Any) -> None:
    slow = words.rule("slow", words.on("product.used"), Wait("0", 300 * DAY), Send("1", "slow"))
    story = tell(slow, words.rule("receipt", words.on("order.placed"), Send("0", "receipt"), purpose="service"))
    for _ in range(MAX_INSTANCES):
        story.happens("2026-03-02 10:00", "product.used")
    assert len(story.customer.instances) == MAX_INSTANCES - KEPT_FREE
    assert story.reasons == ["too_many"] * KEPT_FREE
    story.happens("2026-03-02 10:00", "order.placed")
    assert [what for _, what in story.sent] == ["receipt"], "waiting rules crowd out no receipt"


def test_a_long_order_number_and_its_rule_are_recognised_among_many_fields(tell: Any, words: Any) -> None:
    order, crowd = "A" * 125, {f"field{number}": "x" * 50 for number in range(200)}
    once = {"once_per": OncePer.FIELD, "once_field": "number", "cancel_on": (Cancel("order.returned", None, "number"),)}
    story = tell(words.rule("ask", words.on("order.delivered"), Wait("0", 3 * DAY), Send("1", "ask"), **once))
    story.happens("2026-03-02 10:00", "order.delivered", **crowd, number=order)
    story.happens("2026-03-03 09:00", "order.returned", **crowd, number=order + "B")
    assert story.reasons == []
    story.happens("2026-03-03 10:00", "order.returned", **crowd, number=order)
    assert story.reasons == ["cancelled"]


def test_imported_history_notes_a_condition_and_fires_no_edge(tell: Any, words: Any) -> None:
    trouble = words.If(lambda scope: scope.customer.poor(90 * DAY) >= 2)
    story = tell(words.rule("at-risk", OnEdge(trouble), Alert("0", "care", "please look")))
    for day in ("01", "02"):
        story.happens("2026-03-10 10:00", "payment.failed", time=f"2026-03-{day} 10:00", history=True)
    assert (story.commands, story.customer.edges) == ([], {"at-risk": True})


def test_after_erasure_nothing_is_remembered_any_more(tell: Any) -> None:
    story = tell()
    story.happens("2026-03-02 10:00", "customer.deleted")
    story.happens("2026-03-03 10:00", "customer.updated", email="ann@example.com")
    story.happens("2026-03-03 10:00", "ticket.opened", ticket_id="T", text="my name is Ann")
    assert (story.customer.traits, story.customer.history, story.customer.open_tickets) == ({}, {}, {})


def test_a_birthday_at_the_end_of_time_harms_nobody(tell: Any, words: Any) -> None:
    story = tell(words.rule("birthday", OnAnniversary("birthday", 9 * 60), Send("0", "birthday")))
    story.happens("2026-01-01 15:00", "customer.created", birthday="9999-12-31", time_zone="Europe/Berlin")
    story.happens("2026-01-02 15:00", "customer.updated", birthday="9999-12-31T23:59:59Z")
    assert story.customer.timers == {}


def test_imported_history_fires_only_what_falls_due_after_the_import(tell: Any, words: Any) -> None:
    hello = words.rule("hello", words.on("order.placed"), Send("0", "hello"))
    tips = words.rule("tips", words.on("order.placed"), Wait("0", 3 * DAY), Send("1", "tips"))
    quiet = words.rule("miss-you", OnSilence(("order.placed",), 60 * DAY), Send("0", "miss-you"))
    story = tell(hello, tips, quiet)
    story.happens("2026-03-02 10:00", "order.placed", time="2025-06-01 10:00", history=True)
    story.happens("2026-03-02 10:00", "order.placed", time="2026-03-01 10:00", history=True)
    story.time_passes("2026-04-20 10:00")
    assert story.sent == [("2026-03-04 10:00", "tips")]
    story.time_passes("2026-05-20 10:00")
    assert story.sent[1:] == [("2026-04-30 10:00", "miss-you")]


def test_erasure_ends_everything_and_forgets_the_person(tell: Any, words: Any) -> None:
    story = tell(words.rule("tips", words.on("order.placed"), Wait("0", 3 * DAY), Send("1", "tips")))
    story.happens("2026-03-02 10:00", "order.placed")
    story.happens("2026-03-03 10:00", "customer.deleted")
    story.time_passes("2026-03-20 10:00")
    assert (story.commands, story.reasons, story.customer.traits) == ([], ["erased"], {})


def test_a_letter_that_could_not_be_sent_ends_its_rule_and_gives_the_slot_back(tell: Any, words: Any) -> None:
    story = tell(words.rule("tips", words.on("order.placed"), Send("0", "one"), Wait("1", DAY), Send("2", "two")))
    story.happens("2026-03-02 10:00", "order.placed")
    story.happens("2026-03-02 10:01", "message.failed", command_id=story.commands[0].command_id, **{"class": "hard"})
    story.time_passes("2026-03-20 10:00")
    assert [what for _, what in story.sent] == ["one"]
    assert story.customer.sent == []


def test_a_rule_that_was_removed_meanwhile_ends_with_a_record(tell: Any, words: Any) -> None:
    story = tell(words.rule("tips", words.on("order.placed"), Wait("0", DAY), Send("1", "tips")))
    story.happens("2026-03-02 10:00", "order.placed")
    without = tell()
    without.customer = story.customer
    without.time_passes("2026-03-20 10:00")
    assert (without.commands, without.reasons) == ([], ["cancelled"])


DAY = 86_400_000
HOUR = 3_600_000


def test_who_waits_for_a_morning_and_moves_waits_for_it_by_the_new_clock(tell: Any, words: Any) -> None:
    story = tell(words.rule("tips", words.on("order.placed"), WaitUntil("0", 9 * 60), Send("1", "tips")))
    story.happens("2026-03-02 08:00", "order.placed")
    story.happens("2026-03-02 08:30", "customer.updated", time_zone="America/New_York")
    story.time_passes("2026-03-04 08:00")
    assert story.sent == [("2026-03-02 14:00", "tips")]


def test_a_notice_for_one_moment_comes_once_to_who_travels_west(tell: Any, words: Any) -> None:
    story = tell(words.rule("notice", OnMoment(datetime.fromisoformat("2026-03-02 09:00")), Send("0", "notice")))
    story.happens("2026-03-01 08:00", "customer.created")
    story.happens("2026-03-02 10:00", "customer.updated", time_zone="America/New_York")
    story.time_passes("2026-03-04 08:00")
    assert story.sent == [("2026-03-02 09:00", "notice")]


@pytest.mark.parametrize(
    ("match", "told", "cancelled"),
    [
        (Cancel("order.returned", None, "order_id"), {"order_id": "B"}, False),
        (Cancel("order.returned", None, "order_id"), {}, True),
        (Cancel("order.returned", None, "order_id", both=True), {}, False),
        (Cancel("order.returned", None, "order_id", both=True), {"order_id": "A"}, True),
        (Cancel("order.returned", None, ""), {"order_id": "B"}, True),
    ],
    ids=["another order", "no order named", "no order named where it must be", "the same order", "match: none"],
)
def test_what_cancels_is_about_the_same_occasion(tell: Any, words: Any, match: Any, told: Any, cancelled: Any) -> None:
    story = tell(words.rule("ask", words.on("order.delivered"), Wait("0", 3 * DAY), Send("1", "ask"), cancel_on=(match,)))
    story.happens("2026-03-02 10:00", "order.delivered", order_id="A")
    story.happens("2026-03-03 10:00", "order.returned", **told)
    story.time_passes("2026-03-09 10:00")
    assert story.reasons == (["cancelled"] if cancelled else [])
