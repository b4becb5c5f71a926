"""What `care explain` tells of Ada: her timeline word by word, and why she did not get this or that."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from care_contracts.playbooks import Version, encode_version
from care_contracts.topics import PLAYBOOKS
from outreach.cli.__main__ import app
from outreach.journal.rows import rows_of
from outreach.journal.writing import write
from outreach.playbook.files import read_files
from typer.testing import CliRunner

from tests.outreach.journal.conftest import PLAYBOOK, Story

GOLDEN = Path(__file__).with_name("timeline.txt")
NOW = "2026-03-13 10:00"


@pytest.fixture
def ada(tell: Callable[[], Story]) -> Story:
    """Ten days with a cap, a quiet night, a return, an open question, a refusal and two bad moments."""
    story = tell()
    story.happens("2026-03-02 09:00", "customer.created", email="ada@example.com", first_name="Ada", country="GB")
    story.happens("2026-03-02 10:00", "order.placed", order_id="A1", total=24)
    story.courier_says("2026-03-02 10:01", "message.sent", "thanks")
    story.happens("2026-03-03 21:30", "order.placed", order_id="A2", total=30)
    story.happens("2026-03-03 22:00", "order.delivered", order_id="A1")
    story.happens("2026-03-04 09:00", "order.delivered", order_id="A2")
    story.happens("2026-03-04 10:00", "cart.abandoned", cart_id="K1", total=60)
    story.happens("2026-03-05 12:00", "order.returned", order_id="A2")
    story.courier_says("2026-03-05 12:30", "message.failed", "thanks", **{"class": "in_doubt", "reason": "the connection ended"})
    story.happens("2026-03-06 12:00", "ticket.opened", ticket_id="T1", priority="low", subject="How do I clean it?")
    story.time_passes("2026-03-07 12:00")
    story.happens("2026-03-08 10:00", "payment.failed", order_id="A9", amount=20)
    story.happens("2026-03-12 10:00", "order.placed", order_id="A3", total=30)
    return story


def test_the_timeline_tells_everything_in_plain_words(ada: Story) -> None:
    told = ada.explained(NOW, "ada")
    assert told == GOLDEN.read_text().replace("VERSION", ada.playbook.version)
    assert "example.com" not in told


def test_of_a_task_everything_is_told_and_its_escalation_stands_for_itself(tell: Callable[[], Story]) -> None:
    story = tell()
    story.happens("2026-03-02 10:00", "payment.failed", order_id="A1", amount=20)
    story.happens("2026-03-03 10:00", "payment.failed", order_id="A1", amount=20)
    (task_id,) = story.customer.tasks
    story.happens("2026-03-03 10:05", "task.opened", task_id=task_id, team="care")
    story.time_passes("2026-03-04 14:00")
    assert "the courier has not told yet that the team was reached" in story.explained("2026-03-04 14:00", "ada")
    story.happens("2026-03-04 14:05", "task.escalated", task_id=task_id, team="leads")
    told = [" ".join(line.split()) for line in story.explained("2026-03-04 15:00", "ada").splitlines()]
    assert (
        told[told.index('10:00 rescue asked the team "care" to take over') + 1] == "task.opened on 3 March 2026, 10:05, task.escalated on 4 March 2026, 14:05"
    )
    assert told[told.index('14:00 rescue asked the team "leads" to take over') + 1] == "task.escalated on 4 March 2026, 14:05"


def test_only_one_rule_and_only_from_a_day_on(ada: Story) -> None:
    told = ada.explained(NOW, "ada", "--rule", "checkin", "--since", "2026-03-05")
    days = [line for line in told.splitlines() if line.endswith("2026")]
    assert days == ["Thursday 5 March 2026", "Friday 6 March 2026"]
    assert "thanks" not in told
    assert "order.returned" in told


def test_for_programs_it_is_json(ada: Story) -> None:
    told = json.loads(ada.explained(NOW, "ada", "--format", "json"))
    assert told.keys() == {"customer", "time_zone", "now", "playbook", "erased_at", "entries", "why_not"}
    sent = next(entry for entry in told["entries"] if entry.get("verdict") == "sent")
    assert (sent["rule"], sent["file"], sent["changed"]) == ("thanks", "rules/thanks.yaml", False)
    assert sent["message"] == {"state": "sent", "at": "2026-03-02T10:01:00.000Z", "class": "", "reason": ""}
    held = next(entry for entry in told["entries"] if entry.get("verdict") == "held")
    assert (held["reason"], held["until"]) == ("quiet_hours", "2026-03-04T08:00:00.000Z")


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("thanks", "2 poor experiences within 60 days: order.returned on 5 March 2026, 12:00 and payment.failed on 8 March 2026, 10:00"),
        ("checkin", "`customer.open_tickets > 0` held, because customer.open_tickets was 1"),
        ("offer", 'Consent to "promotion"'),
        ("silence", "It has not begun yet: if nothing else happens, it begins on 11 May 2026, 11:00."),
        ("rescue", 'On 9 March 2026, 14:00 it asked the team "leads" to take over'),
    ],
)
def test_why_not_is_answered_from_the_records_or_from_what_is_still_to_come(ada: Story, rule: str, expected: str) -> None:
    assert expected in " ".join(ada.explained(NOW, "ada", "--why-not", rule).split())


def why(story: Story, rule: str, now: str = NOW) -> str:
    return " ".join(story.explained(now, "ada", "--why-not", rule).split())


def test_a_rule_that_never_began_names_the_part_of_its_condition_that_failed(tell: Callable[[], Story]) -> None:
    story = tell()
    story.happens("2026-03-02 10:00", "cart.abandoned", cart_id="K1", total=60)
    assert "once cart.abandoned happened, and its condition was not met" in why(story, "offer")
    assert "`customer.orders >= 1` was not met: event.total was 60, customer.orders was 0" in why(story, "offer")
    assert "met event.total >= 50" in why(story, "offer")


def test_a_rule_whose_moment_never_came_says_so(tell: Callable[[], Story]) -> None:
    story = tell()
    story.happens("2026-03-02 10:00", "product.used")
    assert "order.placed never happened since 2 March 2026, 10:00" in why(story, "thanks")
    assert '`poor("60d") >= 2` was not met: poor("60d") was 0' in why(story, "rescue")


def test_a_rule_that_runs_says_when_it_goes_on(tell: Callable[[], Story]) -> None:
    story = tell()
    story.happens("2026-03-02 10:00", "order.delivered", order_id="A1")
    assert "it began for A1. It is running; if nothing else happens, it goes on, on 5 March 2026, 10:00." in why(story, "checkin", "2026-03-03 10:00")


def test_an_occasion_without_its_name_is_named(tell: Callable[[], Story]) -> None:
    story = tell()
    story.happens("2026-03-02 10:00", "order.delivered")
    assert 'The event has to carry the field "order_id"' in why(story, "checkin")


def test_a_rule_that_is_newer_than_the_event_is_found_out(tell: Callable[[], Story], tmp_path: Path) -> None:
    story = tell()
    story.happens("2026-03-02 10:00", "product.used", product="turntable")
    newer = tmp_path / "newer"
    shutil.copytree(PLAYBOOK, newer)
    rule = (newer / "rules" / "thanks.yaml").read_text()
    (newer / "rules" / "tips.yaml").write_text(
        rule.replace("id: thanks", "id: tips").replace("order.placed", "product.used").replace(", if: 'event.total >= 20'", "")
    )
    story.folder = newer
    assert "it would have begun on 2 March 2026, 10:00; there is no record of that, so the rule is newer" in why(story, "tips")


def test_decisions_of_another_version_say_whether_their_file_was_changed_since(ada: Story, tmp_path: Path) -> None:
    newer = tmp_path / "newer"
    shutil.copytree(PLAYBOOK, newer)
    rule = newer / "rules" / "thanks.yaml"
    rule.write_text(rule.read_text().replace("A kind word.", "A kinder word."))
    ada.folder = newer
    origin = f"of playbook {ada.playbook.version}"
    told = " ".join(ada.explained(NOW, "ada").split())
    assert f"rules/thanks.yaml {origin}; the playbook was changed since, and perhaps this file" in told
    files = {name: content.decode() for name, content in read_files(PLAYBOOK).items()}
    published = encode_version(Version(ada.playbook.version, "0123456789abcdef", files))
    write(ada.engine, rows_of(PLAYBOOKS.name, ada.playbook.version.encode(), published))
    told = " ".join(ada.explained(NOW, "ada").split())
    assert f"rules/thanks.yaml {origin} (revision 0123456789ab); the file was changed since" in told
    assert f"rules/checkin.yaml {origin} (revision 0123456789ab) " in told
    assert "policy.yaml was changed since" not in told, "only the rule was"


def test_what_a_decision_went_by_is_told_as_it_was_when_the_policy_was_changed_since(ada: Story, tmp_path: Path) -> None:
    newer = tmp_path / "newer"
    shutil.copytree(PLAYBOOK, newer)
    policy = newer / "policy.yaml"
    policy.write_text(policy.read_text().replace("72h", "2h"))
    ada.folder = newer
    assert "Then it was all: at most 1 in 3 days. The playbook was changed since, and perhaps policy.yaml; as it reads now:" in " ".join(
        ada.explained(NOW, "ada").split()
    )
    files = {name: content.decode() for name, content in read_files(PLAYBOOK).items()}
    write(ada.engine, rows_of(PLAYBOOKS.name, ada.playbook.version.encode(), encode_version(Version(ada.playbook.version, "", files))))
    told = " ".join(ada.explained(NOW, "ada").split())
    assert "Then it was all: at most 1 in 3 days. policy.yaml was changed since; as it reads now:" in told


def test_a_letter_held_until_it_is_of_no_use_says_by_what_and_how_long(tell: Callable[[], Story]) -> None:
    story = tell()
    story.happens("2026-03-01 09:00", "customer.created", email="ada@example.com")
    story.happens("2026-03-01 10:00", "order.delivered", order_id="A1")
    story.happens("2026-03-04 09:00", "order.placed", order_id="A1", total=50)
    story.time_passes("2026-03-09 10:00")
    told = why(story, "checkin")
    assert "it would have come too late to be of use. It was due on 4 March 2026, 10:00 and of use for 1 day" in told
    assert "from 4 March 2026, 10:00 on it was held: the customer has received enough messages lately" in told
    assert "it would have been free 47 hours too late, on 7 March 2026, 09:00" in told


def test_what_policy_forbids_says_why_and_until_when(tell: Callable[[], Story]) -> None:
    story = tell()
    story.happens("2026-03-01 09:00", "customer.created", email="ada@example.com")
    story.happens("2026-03-01 10:00", "consent.changed", purpose="promotion", granted=True)
    story.happens("2026-03-01 11:00", "order.placed", order_id="A1", total=5)
    story.happens("2026-03-02 10:00", "survey.answered", survey="csat", kind="csat", score=2)
    story.happens("2026-03-03 10:00", "cart.abandoned", cart_id="K1", total=60)
    assert "The answer csat 2 on 2 March 2026, 10:00 lets this rest until 16 March 2026, 10:00" in why(story, "offer")
    story.happens("2026-03-20 09:00", "ticket.opened", ticket_id="T1", priority="low")
    story.happens("2026-03-20 10:00", "cart.abandoned", cart_id="K2", total=60)
    assert "`customer.open_tickets > 0` held, because customer.open_tickets was 1; `no_promotion_while` in policy.yaml" in why(story, "offer")


def test_who_was_erased_is_only_known_to_be(ada: Story) -> None:
    ada.happens("2026-03-12 12:00", "customer.deleted")
    told = ada.explained(NOW, "ada")
    assert "The customer asked to be forgotten on 12 March 2026, 12:00; nothing else is kept." in told
    assert "order" not in told
    assert "asked to be forgotten" in why(ada, "thanks")


def test_what_is_not_known_is_said_with_what_was_probably_meant(ada: Story) -> None:
    assert 'nothing is known of a customer "adda": did you mean ada?' in ada.explained(NOW, "adda", exit_code=2)
    assert 'there is no rule "check-in": did you mean checkin?' in ada.explained(NOW, "ada", "--rule", "check-in", exit_code=2)
    assert "did you mean thanks?" in ada.explained(NOW, "ada", "--why-not", "thank", exit_code=2)
    assert "expected a day such as 2026-03-02" in ada.explained(NOW, "ada", "--since", "yesterday", exit_code=2)


def test_a_database_without_a_journal_is_said_so_without_its_address(tmp_path: Path) -> None:
    told = {"CARE_DATABASE_URL": f"sqlite:///{tmp_path}/empty.db", "CARE_PLAYBOOK": str(PLAYBOOK)}
    done = CliRunner().invoke(app, ["explain", "ada"], env=told)
    assert (done.exit_code, "journal cannot be read" in done.output, "empty.db" in done.output) == (1, True, False)
