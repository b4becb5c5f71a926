"""What is shown is what the courier would send: the same command, the same bytes, for made-up and for real customers."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from care_contracts.clock import Clock, parse_rfc3339
from care_contracts.reasons import PLAIN_WORDS, Reason
from outreach.delivery.composing import Composer, Mail
from outreach.delivery.letter import Links
from outreach.playbook.load import load_folder
from outreach.preview.links import Signed, check_links
from outreach.preview.mail import KEYS, first_sent, letter_names, show
from outreach.preview.occasions import occasion
from outreach.preview.samples import BadSample, from_file, samples

from .conftest import SHIPPED, change

URL = "https://care.northwind.example"
NOW = parse_rfc3339("2026-03-01T10:00:00Z")
FOLDER = load_folder(SHIPPED)
LIVE = [file for file in FOLDER.rules if file.rule.mode == "live"]
REACHED = sorted({line.what for file in LIVE for example in file.examples for line in example.lines if line.verb == "send"})


def event(event_type: str, time: str, **data: Any) -> dict[str, Any]:
    return {"id": f"{event_type}-{time}", "type": event_type, "subject": "c-1", "time": time, "data": data}


def written(tmp_path: Path, content: object) -> Path:
    path = tmp_path / "ada.json"
    path.write_text(json.dumps(content), "utf-8")
    return path


@pytest.mark.parametrize("letter", letter_names(FOLDER))
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_shipped_letter_is_shown_for_everybody_who_may_get_it(letter: str, language: str) -> None:
    for sample in samples(letter, FOLDER):
        shown = show(letter, sample, FOLDER, URL, language)
        assert (shown.error, shown.language) == ("", language)
        assert [link for link in shown.links if link.problem] == []
        assert sum(link.signed for link in shown.links) >= 2


@pytest.mark.parametrize("letter", REACHED)
def test_the_first_that_is_shown_really_gets_the_letter(letter: str) -> None:
    sample = first_sent(letter, samples(letter, FOLDER), FOLDER)
    assert occasion(letter, sample, FOLDER.playbook).note == ""


def test_of_a_rule_in_the_shadow_the_letter_is_shown_and_the_note_says_that_nobody_gets_it() -> None:
    sample = first_sent("still-there", samples("still-there", FOLDER), FOLDER)
    assert "only watches" in occasion("still-there", sample, FOLDER.playbook).note


def test_the_bytes_are_the_couriers(tmp_path: Path) -> None:
    sample = from_file(written(tmp_path, event("order.delivered", "2026-02-02T10:00:00Z", order_id="A1", product_name="Blue Train")), "checkin", FOLDER, NOW)
    shown = show("checkin", sample, FOLDER, URL)
    assert shown.command
    mail = Composer(FOLDER.playbook.policy, FOLDER.letters, Links(KEYS, URL), Clock(shown.command.at, speed=0)).compose(shown.command)
    assert isinstance(mail, Mail)
    assert len(mail.content) == shown.size_mail
    assert all(name.encode() in mail.content for name, _ in shown.headers)
    assert dict(shown.headers)["From"] == "Northwind Records <care@northwind.example>"
    assert dict(shown.headers)["List-Unsubscribe"] == f"<{Links(KEYS, URL).of(shown.command)['unsubscribe']}>"
    assert "Blue Train" in shown.subject
    assert shown.command.at == parse_rfc3339("2026-02-05T10:00:00Z")


def test_what_is_counted_comes_from_the_events(tmp_path: Path) -> None:
    orders = [event("order.placed", f"2026-02-0{day}T10:00:00Z", order_id=f"A{day}", total=20) for day in (1, 2, 3)]
    command = occasion("thanks-third-order", from_file(written(tmp_path, orders), "thanks-third-order", FOLDER, NOW), FOLDER.playbook).command
    assert (command.context["customer"]["orders"], command.context["customer"]["spent"]) == (3, 60)


def test_a_customer_who_would_not_get_it_sees_it_with_the_reason(tmp_path: Path) -> None:
    events = [event("consent.changed", "2026-02-01T10:00:00Z", purpose="care", granted=False), event("order.delivered", "2026-02-02T10:00:00Z", order_id="A1")]
    shown = show("checkin", from_file(written(tmp_path, events), "checkin", FOLDER, NOW), FOLDER, URL)
    assert "Your order should have been with you" in " ".join(shown.text.split())
    assert any("does not send it to this customer" in note and PLAIN_WORDS[Reason.NO_CONSENT] in note for note in shown.notes)


def test_the_traits_of_a_customer_are_enough(tmp_path: Path) -> None:
    sample = from_file(written(tmp_path, {"first_name": "Zoë", "language": "de", "orders": 7}), "checkin", FOLDER, NOW)
    shown = show("checkin", sample, FOLDER, URL)
    assert shown.text.startswith("Hallo Zoë,")
    assert "orders is counted from events: give the events instead" in shown.notes
    assert "order.delivered is made up: nothing given begins the rule" in shown.notes


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ([], "expected 1 to 10000 events, got 0"),
        (
            [event("order.placed", "2026-02-01T10:00:00Z", order_id="A"), event("order.placed", "2026-02-01T10:00:00Z", order_id="A") | {"subject": "c-2"}],
            "about one customer",
        ),
        (event("order.placed", "soon"), "event 1: /time: expected"),
        ("hello", "event 1: /: expected an event as a JSON object"),
    ],
)
def test_a_file_that_says_nothing_of_the_kind_is_refused(tmp_path: Path, content: object, expected: str) -> None:
    with pytest.raises(BadSample, match=expected):
        from_file(written(tmp_path, content), "checkin", FOLDER, NOW)


def test_a_value_that_is_missing_is_named_with_its_line(playbook: Path, tmp_path: Path) -> None:
    change(playbook / "letters/checkin.md", "One tap on a face", "{{ event.product_name }}\n\nOne tap on a face")
    folder = load_folder(playbook)
    sample = from_file(written(tmp_path, event("order.delivered", "2026-02-02T10:00:00Z", order_id="A1")), "checkin", folder, NOW)
    line = (playbook / "letters/checkin.md").read_text().split("\n").index("{{ event.product_name }}") + 1
    assert show("checkin", sample, folder, URL).error.startswith(f"letters/checkin.md:{line}: expected a value for event.product_name, got none")


def test_what_is_worth_knowing_is_told(playbook: Path) -> None:
    (playbook / "letters/checkin.de.md").unlink()
    change(playbook / "policy.yaml", "send_only_to: []", 'send_only_to: ["*@staging.example"]')
    change(playbook / "letters/checkin.md", "Warmly,", "Warmly, [us](https://-bad-/)")
    folder = load_folder(playbook)
    shown = show("checkin", samples("checkin", folder)[0], folder, URL, "de")
    assert "missing in de" in shown.notes
    assert "there is no letter in de: shown in en" in shown.notes
    assert "policy.yaml lets mail go only to the addresses in send_only_to" in shown.notes
    assert "https://-bad-/: expected a host and no spaces" in shown.notes


def test_a_letter_that_gmail_would_nearly_cut_off_is_noticed(playbook: Path) -> None:
    change(playbook / "letters/checkin.md", "Warmly,", "{% for tag in customer.tags %}" + "warm words " * 170 + "{% endfor %}\n\nWarmly,")
    folder = load_folder(playbook)
    sample = samples("checkin", folder)[0]
    crowded = replace(sample, customer=replace(sample.customer, tags=[f"t{number}" for number in range(50)]))
    shown = show("checkin", crowded, folder, URL)
    assert shown.size_html > 92_000
    assert any(note.startswith("the HTML is 9") and "Gmail cuts letters off at 102.0 KB" in note for note in shown.notes)


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("https://shop.example/a?b=c#d", ""),
        ("http://b\u00fccher.example", ""),
        ("mailto:hello@northwind.example?subject=Hi", ""),
        ("mailto:hello", "expected an e-mail address"),
        ("#here", ""),
        ("#there", "no such place"),
        ("ftp://files.example", "expected an http, https or mailto address"),
        ("https://[oops", "no address"),
        ("https://", "expected a host"),
        (f"{URL}/u/AAMAB2m6vWF0z8W", "the signature is wrong"),
        (f"{URL}/x/y", "none of our signed pages"),
    ],
)
def test_links_are_checked_without_asking_anybody(address: str, problem: str) -> None:
    html = f'<p id="here">x</p><a href="{address}"> go <b>on</b></a>'
    [link] = check_links(html, "", Signed(KEYS, URL, "", NOW))
    assert (link.words, link.problem == "" if not problem else problem in link.problem) == ("go on", True)


def test_a_link_signed_for_another_message_is_wrong() -> None:
    first, second = (occasion(letter, samples(letter, FOLDER)[1], FOLDER.playbook).command for letter in ("welcome", "first-record"))
    address = Links(KEYS, URL).of(first)["unsubscribe"]
    found = [check_links(f"<a href='{address}'>x</a>", "", Signed(KEYS, URL, command.command_id, first.at)) for command in (first, second)]
    assert [link.problem for (link,) in found] == ["", "this is none of our signed pages"]
