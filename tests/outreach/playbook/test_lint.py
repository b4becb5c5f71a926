"""What the folders of `broken/` cannot show: folders that are no playbook, other bytes, values with and without a default."""

from typing import Any

import pytest
from outreach.playbook.load import load_folder


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


def test_a_folder_that_is_no_playbook_is_said_so(tmp_path: Any) -> None:
    assert [p.code for p in load_folder(tmp_path).errors] == ["C027"]


def test_a_letter_in_other_bytes_than_utf8_is_an_error(folder: Any, tmp_path: Any) -> None:
    folder()
    (tmp_path / "letters" / "hello.md").write_bytes("---\nsubject: Hi\npreheader: Hi\n---\nGrüße\n".encode("latin-1"))
    assert [(p.code, p.file) for p in load_folder(tmp_path).errors] == [("C015", "letters/hello.md")]


def test_yaml_1_2_words_stay_what_they_look_like(folder: Any, rule_text: Any) -> None:
    odd = rule_text.replace("why: A kind word.", "why: on").replace("name: says hello", "name: 1:30")
    read = folder({"rules/hello.yaml": odd})
    assert read.rules[0].rule.why == "on"
    assert read.rules[0].examples[0].name == "1:30"
