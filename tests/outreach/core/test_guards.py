"""What no rule can skip: each guard objects with its reason, in the agreed order."""

from dataclasses import replace
from typing import Any

import pytest
from outreach.core.conditions import ConditionError
from outreach.core.customer import MAX_SENT
from outreach.core.policy import Cap, CoolOff, Holdout, PersonOnly, Policy, QuietHours
from outreach.core.rules import OncePer
from outreach.core.steps import Alert, Send
from outreach.core.view import View

DAY = 86_400_000


@pytest.fixture
def hello(words: Any) -> Any:
    def make(name: Any = "hello", **more: Any) -> Any:
        return words.rule(name, words.on("order.placed"), Send("0", name), **more)

    return make


def test_without_an_address_nothing_goes_out(tell: Any, hello: Any) -> None:
    story = tell(hello())
    story.customer.traits.clear()
    story.happens("2026-03-02 10:00", "order.placed")
    assert (story.commands, story.reasons) == ([], ["no_address"])


def test_a_hard_bounce_or_a_complaint_stops_everything_until_there_is_a_new_address(tell: Any, hello: Any) -> None:
    story = tell(hello())
    story.happens("2026-03-01 10:00", "message.bounced", **{"class": "hard"})
    story.happens("2026-03-02 10:00", "order.placed")
    assert story.reasons == ["suppressed"]
    story.happens("2026-03-03 10:00", "customer.updated", email=" Ann@Example.com")
    story.happens("2026-03-03 11:00", "order.placed")
    assert story.reasons == ["suppressed", "suppressed"], "the same address, however it is spelled"
    story.happens("2026-03-03 12:00", "customer.updated", email="new@example.com")
    story.happens("2026-03-04 10:00", "order.placed")
    assert len(story.commands) == 1


def test_the_latest_word_on_consent_counts_by_when_it_was_said(tell: Any, hello: Any) -> None:
    story = tell(hello())
    story.happens("2026-03-02 10:00", "consent.changed", purpose="care", granted=False)
    story.happens("2026-03-02 11:00", "consent.changed", time="2026-03-01 10:00", purpose="care", granted=True)
    story.happens("2026-03-03 10:00", "order.placed")
    assert (story.commands, story.reasons) == ([], ["no_consent"])


def test_an_older_update_does_not_bring_an_old_address_back(tell: Any, hello: Any) -> None:
    story = tell(hello())
    story.happens("2026-03-02 10:00", "customer.updated", email="new@example.com")
    story.happens("2026-03-02 11:00", "customer.updated", time="2026-01-01 10:00", email="old@example.com", first_name="Ann", history=True)
    story.happens("2026-03-03 10:00", "order.placed")
    assert (story.commands[0].address, story.commands[0].context["customer"]["first_name"]) == ("new@example.com", "Ann")


def test_word_of_an_opening_that_comes_after_the_closing_opens_nothing(tell: Any) -> None:
    story = tell()
    story.happens("2026-03-02 10:00", "ticket.resolved", ticket_id="T")
    story.happens("2026-03-02 10:01", "ticket.opened", time="2026-03-02 09:00", ticket_id="T")
    story.happens("2026-03-02 10:02", "task.closed", task_id="T")
    story.happens("2026-03-02 10:03", "task.opened", time="2026-03-02 09:00", task_id="T")
    assert (story.customer.open_tickets, story.customer.tasks) == ({}, {})
    story.happens("2026-03-03 10:00", "ticket.reopened", ticket_id="T")
    assert list(story.customer.open_tickets) == ["T"]


def test_a_ticket_reopened_since_its_resolution_stays_open_however_late_word_of_that_comes(tell: Any) -> None:
    story = tell()
    story.happens("2026-03-02 10:00", "ticket.opened", ticket_id="T")
    story.happens("2026-03-04 10:00", "ticket.reopened", ticket_id="T")
    story.happens("2026-03-04 11:00", "ticket.resolved", time="2026-03-03 10:00", ticket_id="T")
    assert list(story.customer.open_tickets) == ["T"]
    story.happens("2026-03-05 10:00", "ticket.resolved", ticket_id="T")
    assert story.customer.open_tickets == {}


def test_an_address_that_was_taken_back_is_not_brought_back_by_an_older_update(tell: Any, hello: Any) -> None:
    story = tell(hello())
    story.happens("2026-03-02 10:00", "customer.updated", email=None)
    story.happens("2026-03-02 11:00", "customer.updated", time="2026-03-01 10:00", email="ann@example.com")
    story.happens("2026-03-03 10:00", "order.placed")
    assert (story.commands, story.reasons) == ([], ["no_address"])


def test_a_clock_that_runs_ahead_outdoes_no_later_refusal_and_no_low_score(tell: Any, hello: Any) -> None:
    story = tell(hello(), hello("ask", purpose="survey"), policy=Policy(cool_off=CoolOff()))
    story.happens("2026-03-02 10:00", "consent.changed", time="2026-03-02 10:09", purpose="care", granted=True)
    story.happens("2026-03-02 10:05", "consent.changed", purpose="care", granted=False)
    story.happens("2026-03-02 10:06", "survey.answered", time="2026-03-02 10:15", kind="csat", score=1)
    story.happens("2026-03-02 10:07", "order.placed")
    assert (story.commands, story.reasons) == ([], ["cool_off", "no_consent"])


def test_nobody_is_written_to_without_consent(tell: Any, hello: Any) -> None:
    story = tell(hello(purpose="promotion"), hello("care-letter"))
    story.happens("2026-03-02 10:00", "order.placed")
    assert ([what for _, what in story.sent], story.reasons) == (["care-letter"], ["no_consent"])
    story.happens("2026-03-02 11:00", "consent.changed", purpose="care", granted=False)
    story.happens("2026-03-02 12:00", "order.placed")
    assert len(story.commands) == 1


@pytest.mark.parametrize(("mode", "reason"), [("off", "off"), ("shadow", "shadow")])
def test_a_rule_that_is_not_live_sends_nothing(tell: Any, hello: Any, mode: Any, reason: Any) -> None:
    story = tell(hello(mode=mode))
    story.happens("2026-03-02 10:00", "order.placed")
    assert (story.commands, story.reasons) == ([], [reason])


def test_a_rule_that_is_switched_off_meanwhile_sends_nothing_that_it_held(tell: Any, hello: Any, night: Any) -> None:
    story = tell(hello(), policy=night)
    story.happens("2026-03-02 21:00", "order.placed")
    story.playbook = replace(story.playbook, rules=(hello(mode="off"),))
    story.time_passes("2026-03-03 12:00")
    assert (story.commands, story.reasons) == ([], ["quiet_hours", "off"])


def test_nothing_that_was_held_goes_to_a_customer_who_is_forgotten(tell: Any, hello: Any, night: Any) -> None:
    story = tell(hello(), policy=night)
    story.happens("2026-03-02 21:00", "order.placed")
    story.customer.erased = True  # as a record would be whose instances outlived the erasure
    story.time_passes("2026-03-03 12:00")
    assert (story.commands, story.reasons) == ([], ["quiet_hours", "erased"])


def test_a_letter_whose_occasion_was_forgotten_is_still_not_sent_twice(tell: Any, hello: Any) -> None:
    story = tell(hello(once_per=OncePer.CUSTOMER), policy=Policy(caps={"promotion": (Cap(1, 3 * DAY),)}))
    story.happens("2026-03-02 10:00", "order.placed")
    story.customer.occasions.clear()
    story.happens("2026-03-02 11:00", "order.placed")
    assert (len(story.commands), story.reasons) == (1, ["already_sent"])


def test_of_two_caps_the_later_one_says_when_a_letter_goes(tell: Any, hello: Any) -> None:
    story = tell(hello(), policy=Policy(caps={"all": (Cap(1, DAY), Cap(1, 3 * DAY))}))
    for hour in (10, 11):
        story.happens(f"2026-03-02 {hour}:00", "order.placed")
    story.time_passes("2026-03-09 10:00")
    held = [held for held in story.decisions if held.until]
    assert [(each.reason, each.until, each.detail) for each in held] == [("cap", story.commands[1].at, "all: at most 1 in 3 days")]
    assert story.sent == [("2026-03-02 10:00", "hello"), ("2026-03-05 10:00", "hello")]


def test_of_two_words_at_the_same_moment_the_refusal_counts(tell: Any, hello: Any) -> None:
    story = tell(hello())
    for granted in (False, True):
        story.happens("2026-03-02 10:00", "consent.changed", purpose="care", granted=granted)
    story.happens("2026-03-03 10:00", "order.placed")
    assert (story.commands, story.reasons) == ([], ["no_consent"])


def test_a_letter_at_night_waits_for_the_morning_where_the_customer_lives(tell: Any, hello: Any, night: Any) -> None:
    story = tell(hello(), policy=night)
    story.happens("2026-03-02 21:00", "customer.updated", time_zone="Europe/Berlin")
    story.happens("2026-03-02 21:30", "order.placed")
    story.time_passes("2026-03-03 12:00")
    assert story.sent == [("2026-03-03 07:00", "hello")]
    assert story.decisions[-2].until == story.decisions[-1].at


@pytest.mark.parametrize(
    ("zone", "at"), [("America/New_York", "2026-03-02 23:30"), ("Asia/Kolkata", "2026-03-03 02:30")], ids=["where it is day", "where morning comes earlier"]
)
def test_a_customer_who_moves_meanwhile_is_written_to_by_the_new_zones_clock(tell: Any, hello: Any, night: Any, zone: Any, at: Any) -> None:
    story = tell(hello(), policy=night)
    story.happens("2026-03-02 21:30", "order.placed")
    story.happens("2026-03-02 23:30", "customer.updated", time_zone=zone)
    story.time_passes("2026-03-03 20:00")
    assert story.sent == [(at, "hello")]


def test_when_the_clock_is_set_back_into_a_rest_the_letter_waits_for_its_second_end(tell: Any, hello: Any) -> None:
    policy = Policy(time_zone="Europe/London", quiet_hours=QuietHours(20 * 60, 90))
    story = tell(hello(), policy=policy)
    story.happens("2026-10-24 22:00", "order.placed")
    story.happens("2026-10-25 01:15", "order.placed")
    story.time_passes("2026-10-25 12:00")
    assert story.sent == [("2026-10-25 00:30", "hello"), ("2026-10-25 01:30", "hello")]


def test_a_cap_frees_at_exactly_its_length_and_the_higher_priority_goes_first(tell: Any, hello: Any) -> None:
    policy = Policy(caps={"all": (Cap(1, 3 * DAY),)})
    story = tell(hello("first", priority=90), hello("second"), hello("third", priority=70), policy=policy)
    story.happens("2026-03-02 10:00", "order.placed")
    story.time_passes("2026-03-20 10:00")
    assert story.sent == [("2026-03-02 10:00", "first"), ("2026-03-05 10:00", "third"), ("2026-03-08 10:00", "second")]


def test_no_number_of_receipts_makes_a_cap_forget_what_it_counts(tell: Any, hello: Any) -> None:
    story = tell(hello("receipt", purpose="service"), hello("care-letter"), policy=Policy(caps={"all": (Cap(1, 3 * DAY),)}, when_capped="skip"))
    for minute in range(MAX_SENT + 1):
        story.happens(f"2026-03-02 1{minute // 60}:{minute % 60:02}", "order.placed")
    assert [what for _, what in story.sent].count("care-letter") == 1


def test_an_answer_of_an_unknown_kind_hides_nothing_that_guards_ask_for(tell: Any) -> None:
    story = tell()
    story.happens("2026-03-02 10:00", "ticket.opened", ticket_id="T")
    story.happens("2026-03-02 11:00", "survey.answered", kind="open_tickets", score=0)
    assert View(story.customer, story.customer.now).plain()["open_tickets"] == 1


def test_words_about_purposes_that_do_not_exist_make_nothing_forgotten(tell: Any, hello: Any) -> None:
    story = tell(hello())
    story.happens("2026-03-02 10:00", "consent.changed", purpose="care", granted=False)
    for number in range(60):
        story.happens("2026-03-02 11:00", "consent.changed", purpose=f"newsletter-{number}", granted=True)
    story.happens("2026-03-02 12:00", "consent.changed", time="2026-03-01 10:00", purpose="care", granted=True)
    story.happens("2026-03-03 10:00", "order.placed")
    assert (story.commands, story.reasons, len(story.customer.consents)) == ([], ["no_consent"], 1)


def test_a_purpose_has_its_own_cap(tell: Any, hello: Any) -> None:
    policy = Policy(caps={"survey": (Cap(1, 30 * DAY),)}, when_capped="skip")
    story = tell(hello("ask", purpose="survey"), hello("care-letter"), policy=policy)
    for day in ("02", "03"):
        story.happens(f"2026-03-{day} 10:00", "order.placed")
    assert sorted(what for _, what in story.sent) == ["ask", "care-letter", "care-letter"]
    assert story.reasons == ["cap"]


def test_service_letters_neither_meet_nor_use_up_caps_and_quiet_hours(tell: Any, hello: Any, night: Any) -> None:
    policy = replace(night, caps={"all": (Cap(1, 3 * DAY),)})
    story = tell(hello("receipt", purpose="service"), hello("care-letter"), policy=policy)
    story.happens("2026-03-02 22:00", "order.placed")
    story.happens("2026-03-03 10:00", "order.placed")
    assert [what for _, what in story.sent] == ["receipt", "care-letter", "receipt"]


def test_a_hold_that_cannot_end_in_time_is_recorded_as_expired(tell: Any, words: Any, hello: Any) -> None:
    policy = Policy(caps={"all": (Cap(1, 30 * DAY),)})
    story = tell(hello("first", priority=90), hello("second", expires_after=2 * DAY), policy=policy)
    story.happens("2026-03-02 10:00", "order.placed")
    story.time_passes("2026-04-20 10:00")
    assert [what for _, what in story.sent] == ["first"]
    assert story.reasons == ["cap", "expired"]
    assert story.decisions[-1].detail == "held by cap"
    assert story.decisions[-1].at == words.ms("2026-03-04 10:00") + 1, "as soon as it is too late, not when the cap frees"


def test_the_last_moment_of_use_is_still_of_use(tell: Any, hello: Any) -> None:
    story = tell(hello(expires_after=2 * DAY), policy=Policy(caps={"all": (Cap(1, 2 * DAY),)}))
    story.happens("2026-03-02 10:00", "order.placed")
    story.happens("2026-03-02 10:00", "order.placed")
    story.time_passes("2026-03-20 10:00")
    assert story.sent == [("2026-03-02 10:00", "hello"), ("2026-03-04 10:00", "hello")]


def test_a_cap_of_two_frees_when_the_older_of_two_leaves_its_window(tell: Any, hello: Any) -> None:
    story = tell(hello(), policy=Policy(caps={"all": (Cap(2, 3 * DAY),)}))
    for day in ("02", "03", "04"):
        story.happens(f"2026-03-{day} 10:00", "order.placed")
    story.time_passes("2026-03-20 10:00")
    assert [at for at, _ in story.sent] == ["2026-03-02 10:00", "2026-03-03 10:00", "2026-03-05 10:00"]


def test_a_low_score_rests_letters_of_its_own_moment_too(tell: Any, words: Any) -> None:
    asks = words.rule("ask-more", words.on("survey.answered"), Send("0", "ask-more"), purpose="survey")
    story = tell(asks, policy=Policy(cool_off=CoolOff()))
    story.happens("2026-03-02 10:00", "survey.answered", kind="csat", score=1)
    assert (story.commands, story.reasons) == ([], ["cool_off"])


def test_a_failed_letter_returns_its_cap_slot_at_once(tell: Any, hello: Any) -> None:
    story = tell(hello("first", priority=90), hello("second"), policy=Policy(caps={"all": (Cap(1, 3 * DAY),)}))
    story.happens("2026-03-02 10:00", "order.placed")
    story.happens("2026-03-02 10:05", "message.failed", command_id=story.commands[0].command_id, **{"class": "policy"})
    assert story.sent == [("2026-03-02 10:00", "first"), ("2026-03-02 10:05", "second")]


def test_after_the_second_poor_experience_only_a_person_writes(tell: Any, words: Any, hello: Any) -> None:
    alert = words.rule("help", words.on("order.placed"), Alert("0", "care", "please look"), priority=1)
    story = tell(hello(), alert, policy=Policy(person_only=PersonOnly(2, 60 * DAY)))
    for day in ("01", "02"):
        story.happens(f"2026-03-{day} 10:00", "payment.failed")
    story.happens("2026-03-03 10:00", "order.placed")
    assert ([what for _, what in story.sent], "person_only" in story.reasons) == (["care"], True)


def test_while_a_person_is_on_it_only_service_letters_go_out(tell: Any, hello: Any) -> None:
    story = tell(hello("care-letter"), hello("receipt", purpose="service"))
    story.happens("2026-03-01 10:00", "task.opened", task_id="T", source="desk")
    story.happens("2026-03-02 10:00", "order.placed")
    assert ([what for _, what in story.sent], story.reasons) == (["receipt"], ["person_on_it"])
    story.happens("2026-03-03 10:00", "task.closed", task_id="T")
    story.happens("2026-03-04 10:00", "order.placed")
    assert len(story.sent) == 3


def test_our_own_task_is_not_opened_again_by_a_late_record_of_its_opening(tell: Any, words: Any) -> None:
    story = tell(words.rule("help", words.on("ticket.opened"), Alert("0", "care", "please look")))
    story.happens("2026-03-02 10:00", "ticket.opened", ticket_id="T")
    task = story.commands[0].command_id
    story.happens("2026-03-02 11:00", "task.closed", task_id=task)
    story.happens("2026-03-02 11:01", "task.opened", task_id=task, source="careloop/courier")
    assert story.customer.tasks == {}


@pytest.mark.parametrize(("purpose", "guard"), [("promotion", "no_promotion"), ("survey", "no_survey")])
def test_open_tickets_keep_promotions_and_surveys_away(tell: Any, words: Any, hello: Any, purpose: Any, guard: Any) -> None:
    busy = words.If(lambda scope: scope.customer.plain()["open_tickets"] > 0)
    policy = Policy(no_promotion_while=busy, no_survey_while=busy, consents={"promotion": True, "survey": True})
    story = tell(hello(purpose=purpose), policy=policy)
    story.happens("2026-03-01 10:00", "ticket.opened", ticket_id="T")
    story.happens("2026-03-02 10:00", "order.placed")
    assert (story.commands, story.reasons) == ([], [guard])


def test_a_guard_that_cannot_be_judged_is_an_objection(tell: Any, words: Any, hello: Any) -> None:
    def broken(_: Any) -> Any:
        raise ConditionError('there is no field "health"')

    policy = Policy(no_promotion_while=words.If(broken), consents={"promotion": True})
    story = tell(hello(purpose="promotion"), policy=policy)
    story.happens("2026-03-02 10:00", "order.placed")
    assert (story.commands, story.reasons) == ([], ["no_promotion"])


def test_after_a_low_score_letters_that_ask_rest_for_two_weeks(tell: Any, hello: Any) -> None:
    story = tell(hello("checkin"), policy=Policy(cool_off=CoolOff()), surveys=("checkin",))
    story.happens("2026-03-01 10:00", "survey.answered", kind="csat", score=2)
    story.happens("2026-03-02 10:00", "order.placed")
    assert (story.commands, story.reasons) == ([], ["cool_off"])
    story.happens("2026-03-15 10:00", "order.placed")
    assert len(story.commands) == 1


def test_the_control_group_is_sticky_and_not_written_to(tell: Any, hello: Any) -> None:
    policy = Policy(holdout=Holdout(1.0, frozenset({"care"})))
    story = tell(hello(), policy=policy)
    story.happens("2026-03-02 10:00", "order.placed")
    assert (story.commands, story.reasons) == ([], ["holdout"])


def test_what_an_outage_made_too_late_is_recorded_and_not_sent(tell: Any, hello: Any) -> None:
    story = tell(hello(expires_after=DAY))
    story.happens("2026-03-09 10:00", "order.placed", time="2026-03-02 10:00")
    assert (story.commands, story.reasons) == ([], ["expired"])


def test_an_alert_meets_no_quiet_hours_and_no_caps(tell: Any, words: Any, night: Any) -> None:
    story = tell(words.rule("help", words.on("ticket.opened"), Alert("0", "care", "please look")), policy=replace(night, caps={"all": (Cap(1, DAY),)}))
    for number in range(2):
        story.happens("2026-03-02 23:00", "ticket.opened", ticket_id=f"T{number}")
    assert len(story.commands) == 2


def test_where_a_yes_must_be_confirmed_only_a_confirmed_one_counts_and_every_no_does(tell: Any, hello: Any) -> None:
    story = tell(hello(purpose="promotion"), policy=Policy(double_opt_in=frozenset({"promotion"})))
    told: list[tuple[dict[str, Any], int]] = [
        ({"granted": True}, 0),
        ({"granted": True, "confirmed": True}, 1),
        ({"granted": False}, 0),
        ({"purpose": "*", "granted": True}, 0),
    ]
    for hour, (word, letters) in enumerate(told, 10):
        before = len(story.commands)
        story.happens(f"2026-03-02 {hour}:00", "consent.changed", **({"purpose": "promotion"} | word))
        story.happens(f"2026-03-02 {hour}:30", "order.placed")
        assert len(story.commands) - before == letters, word
