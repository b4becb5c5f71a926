"""An unlucky month under the shipped playbook: our letters stop, and for each trouble one person is asked, once."""

from care_contracts.records import Command
from outreach.core.calendar import local
from outreach.core.customer import Customer

from .lives import ZONE, Life


def unlucky_month() -> Life:
    """A delay, a long wait on the telephone, a scratched record, a question that nobody answers, and what Hal then thinks of us."""
    hal = Life(Customer("hal"))
    hal.happens("2026-03-02 10:00", "customer.created", email="hal@example.com", first_name="Hal")
    hal.happens("2026-03-02 10:10", "order.placed", order_id="A1", total=30)
    hal.happens("2026-03-06 10:00", "order.delayed", order_id="A1", days_late=4, expected_at="2026-03-10T12:00:00Z")
    hal.happens("2026-03-09 10:00", "call.ended", call_id="C1", waiting_s=900, duration_s=300, resolved=True)
    hal.happens("2026-03-10 09:00", "order.delivered", order_id="A1")
    hal.happens("2026-03-12 12:00", "order.returned", order_id="A1", reason="scratched")
    hal.happens("2026-03-12 13:00", "ticket.opened", ticket_id="T1", subject="Where is my money?")
    hal.happens("2026-03-16 12:00", "ticket.resolved", ticket_id="T1")
    hal.happens("2026-03-20 20:00", "review.posted", review_id="R1", rating=1, text="Never again.")
    hal.happens("2026-03-23 10:00", "survey.answered", survey="csat", kind="csat", score=1, letter="checkin")
    hal.goes_on_until("2026-04-05 00:00")
    return hal


HAL = unlucky_month()


def said(command: Command) -> tuple[str, str, str]:
    return f"{local(command.at, ZONE):%m-%d %H:%M}", command.rule, command.what


def test_after_the_second_trouble_no_letter_comes_any_more() -> None:
    assert [said(command) for command in HAL.letters] == [
        ("03-02 10:00", "welcome", "welcome"),
        ("03-06 10:00", "order-delayed", "order-delayed"),
    ]


def test_for_each_trouble_one_person_is_asked_once() -> None:
    assert [said(command) for command in HAL.commands if command.kind == "alert"] == [
        ("03-09 10:00", "talk-unanswered", "care"),
        ("03-12 12:00", "lasting-trouble", "leads"),
        ("03-15 09:00", "forgotten-question", "care"),
        ("03-20 20:00", "bad-review", "care"),
        ("03-23 10:00", "low-score-followup", "care"),
    ]


def test_it_is_recorded_why_the_others_were_silent() -> None:
    assert HAL.why_not("repeated-problems") == {"stopped"}, "the long wait has asked for a person already"
    assert HAL.why_not("damaged-return") == {"stopped"}, "no code makes up for a third trouble"
    assert HAL.why_not("checkin-after-delivery") == {"cancelled"}
    assert HAL.why_not("ticket-followup") == {"person_only"}
