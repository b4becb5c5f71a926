"""Every mistake is found, with its code, its exact place and, where there is one, a suggestion."""

import time
from typing import Any

import pytest
from outreach.playbook.load import load_folder

# What is written instead of what, and the finding that must come of it: code, line, column, suggestion.
MISTAKES = {
    "an unknown key": ("purpose: care", "purpos: care", "C002", 3, 1, "purpose"),
    "a missing key": ("why: A kind word.\n", "", "C003", 1, 1, ""),
    "a number instead of steps": ("then:\n  - send: hello", "then: 3", "C004", 5, 7, ""),
    "an unknown purpose": ("purpose: care", "purpose: cares", "C006", 3, 10, "care"),
    "a condition that cannot be read": ("event.total >= 20", "event.total >=", "C007", 4, 48, ""),
    "an unknown event": ("event: order.placed, if", "event: order.placd, if", "C008", 4, 15, "order.placed"),
    "a misspelled verb": ("- send: hello", "- sent: hello", "C009", 6, 5, "send"),
    "an id that is not the file's name": ("id: hello", "id: hallo", "C010", 1, 5, "hello"),
    "a letter that does not exist": ("- send: hello", "- send: helo", "C012", 6, 11, "hello"),
    "a misspelled field": ("event.total >= 20", "event.totl >= 20", "C014", 4, 34, "event.total"),
    "an unknown trait": ("event.total >= 20", "customer.ordres > 1", "C014", 4, 34, "customer.orders"),
    "an event asked about that nobody knows": ("event.total >= 20", 'count("order.plced", "3d") > 1', "C008", 4, 41, "order.placed"),
    "an answer where none was waited for": ("event.total >= 20", "answer.score > 1", "C017", 4, 34, ""),
    "a month as a duration": ("then:\n", "expires_after: 1month\nthen:\n", "C005", 5, 16, ""),
    "a step that waits for no duration": ("- send: hello", "- wait: soon\n  - send: hello", "C005", 6, 11, ""),
    "a team that does not exist": ("- send: hello", "- alert: {to: crae, summary: Look}\n  - send: hello", "C013", 6, 17, "care"),
    "a webhook that does not exist": ("- send: hello", "- webhook: loyalti\n  - send: hello", "C036", 6, 14, "loyalty"),
    "a call whose data is no mapping": ("- send: hello", "- webhook: loyalty\n    data: 3", "C004", 7, 11, ""),
    "a pool without codes": ("- send: hello", "- reward: {coupon: thankyou}", "C035", 6, 22, "thank-you"),
    "a reward of two kinds": ("- send: hello", "- reward: {coupon: thank-you, points: 3}", "C009", 6, 13, ""),
    "no points": ("- send: hello", "- reward: {points: 0}", "C004", 6, 22, ""),
    "a key that stands twice": ("purpose: care", "purpose: care\npurpose: survey", "C024", 4, 1, ""),
    "an anchor": ("purpose: care", "purpose: &x care", "C024", 3, 10, ""),
    "a tag": ("purpose: care", "purpose: !!python/object care", "C024", 3, 10, ""),
    "an unknown reason": ("expect: nothing", "expect: {nothing: capp}", "C006", 13, 23, "cap"),
    "a time that is none": ("{at: 2026-03-02 10:00, send", "{at: 2026-03-02 25:00, send", "C022", 10, 19, ""),
    "a secret": ("why: A kind word.", "why: 'token: abcd1234efgh'", "C028", 2, 7, ""),
    "a rule that reaches nobody": ("- send: hello", "- wait: 3d", "C029", 6, 3, ""),
    "a staff rule that writes to customers": ("purpose: care", "purpose: staff", "C030", 6, 3, ""),
    "an answer that nobody asked for": ("- send: hello\n", "- send: hello\n  - wait_for: {event: survey.answered, within: 7d}\n", "C031", 6, 3, ""),
    "two examples of one name": ("name: leaves small orders in peace", "name: says hello", "C032", 11, 5, ""),
    "no example that leaves somebody in peace": ("expect: nothing", "expect: [{send: hello}]", "C018", 8, 3, ""),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_found_at_its_place(folder: Any, rule_text: Any, name: Any) -> None:
    right, wrong, code, line, column, suggestion = MISTAKES[name]
    assert right in rule_text
    found = folder({"rules/hello.yaml": rule_text.replace(right, wrong, 1)}).problems
    assert (code, line, column, suggestion) in [(p.code, p.line, p.column, p.suggestion) for p in found], found


def test_a_right_playbook_has_no_findings(folder: Any) -> None:
    assert folder().problems == ()


def test_all_mistakes_are_shown_at_once(folder: Any, rule_text: Any) -> None:
    wrong = rule_text.replace("purpose: care", "purpos: care").replace("event.total", "event.totl").replace("send: hello\n", "send: helo\n", 1)
    assert {"C002", "C003", "C012", "C014"} <= {p.code for p in folder({"rules/hello.yaml": wrong}).problems}


def test_a_letter_that_nobody_sends_is_a_warning_only(folder: Any) -> None:
    read = folder({"letters/lonely.md": "---\nsubject: Hi\npreheader: Hi\n---\nHi!\n"})
    assert [(p.code, p.severity, p.file) for p in read.problems] == [("C019", "warning", "letters/lonely.md")]
    assert read.errors == ()


@pytest.mark.parametrize(
    ("value", "suggestion"),
    [
        ("event.totl", "event.total"),
        ("customer.first_nme", "customer.first_name"),
        ('event.product_nam | default("it")', "event.product_name"),
        ("event.rating", ""),
        ("reward.coupon", ""),
    ],
)
def test_a_letter_that_asks_for_what_nobody_has_is_an_error_with_or_without_a_default(folder: Any, value: Any, suggestion: Any) -> None:
    read = folder({"letters/hello.md": f"---\nsubject: Hi\npreheader: Hi\n---\nHi!\n\n{{{{ {value} }}}}\n"})
    assert [(p.code, p.file, p.line, p.suggestion) for p in read.errors] == [("C026", "letters/hello.md", 7, suggestion)]


def test_two_rules_that_say_the_same_are_one_too_many(folder: Any, rule_text: Any) -> None:
    twin = rule_text.replace("id: hello", "id: twin").replace("why: A kind word.", "why: Another word.")
    assert [(p.code, p.file) for p in folder({"rules/twin.yaml": twin}).errors] == [("C033", "rules/twin.yaml")]


def test_a_survey_that_its_page_would_show_with_another_scale_is_refused(folder: Any) -> None:
    survey = "id: loyalty\nkind: nps\nquestion: {en: Would you recommend us?}\n"
    assert ("C034", "surveys/loyalty.yaml", 2, 7) in [(p.code, p.file, p.line, p.column) for p in folder({"surveys/loyalty.yaml": survey}).errors]


def test_a_file_that_nobody_reads_is_said_so(folder: Any, rule_text: Any) -> None:
    assert [(p.code, p.file, p.suggestion) for p in folder({"rules/second.yml": rule_text}).errors] == [("C027", "rules/second.yml", "second.yaml")]


def test_a_folder_that_is_no_playbook_is_said_so(tmp_path: Any) -> None:
    assert [p.code for p in load_folder(tmp_path).errors] == ["C027"]


def test_a_letter_in_other_bytes_than_utf8_is_an_error(folder: Any, tmp_path: Any) -> None:
    folder()
    (tmp_path / "letters" / "hello.md").write_bytes("---\nsubject: Hi\npreheader: Hi\n---\nGrüße\n".encode("latin-1"))
    assert [(p.code, p.file) for p in load_folder(tmp_path).errors] == [("C015", "letters/hello.md")]


def test_a_broken_letter_is_found_with_its_line(folder: Any) -> None:
    read = folder({"letters/hello.md": "---\nsubject: Hi\npreheader: Hi\n---\nHi!\n\n{{ customer.first_name }\n"})
    assert [(p.code, p.file, p.line) for p in read.errors if p.code == "C015"] == [("C015", "letters/hello.md", 7)]


def test_quiet_hours_that_swallow_every_moment_are_refused(folder: Any) -> None:
    policy = 'brand: {name: N, from: a@b.example}\nquiet_hours: {from: "20:00", to: "08:00", days: [mon, tue, wed, thu, fri, sat, sun]}\n'
    assert [p.code for p in folder({"policy.yaml": policy}).errors] == ["C023"]


@pytest.mark.parametrize(
    "bomb",
    ["a: &a [x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n", "[" * 50_000, "a: " + "x" * 300_000, "\x00\x01"],
    ids=["aliases", "depth", "size", "binary"],
)
def test_a_yaml_bomb_is_a_clear_error_in_under_a_second(folder: Any, bomb: Any) -> None:
    began = time.monotonic()
    errors = folder({"rules/hello.yaml": bomb}).errors
    assert time.monotonic() - began < 1
    assert {p.code for p in errors if p.file == "rules/hello.yaml"} <= {"C001", "C024"}
    assert errors


def test_yaml_1_2_words_stay_what_they_look_like(folder: Any, rule_text: Any) -> None:
    odd = rule_text.replace("why: A kind word.", "why: on").replace("name: says hello", "name: 1:30")
    read = folder({"rules/hello.yaml": odd})
    assert read.rules[0].rule.why == "on"
    assert read.rules[0].examples[0].name == "1:30"
