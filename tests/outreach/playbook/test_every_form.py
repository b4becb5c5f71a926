"""Every form of the language, in a playbook of its own whose examples run through `decide`."""

import re
from pathlib import Path

import pytest
from outreach.playbook.examples import run_example
from outreach.playbook.load import Folder, load_folder
from outreach.playbook.rule_file import OPTIONAL, REQUIRED
from outreach.playbook.steps_file import VERBS
from outreach.playbook.when_file import FORMS

FOLDER = Path(__file__).parent / "forms"


@pytest.fixture(scope="module")
def forms() -> Folder:
    return load_folder(FOLDER)


def test_every_form_loads_without_a_finding(forms: Folder) -> None:
    assert forms.problems == ()


def test_every_example_comes_out_as_it_says(forms: Folder) -> None:
    results = [run_example(file.rule, example, forms.playbook) for file in forms.rules for example in file.examples]
    failed = [(result.rule, result.example.name, result.missing, result.surplus, result.happened) for result in results if not result.passed]
    assert failed == []
    assert len(results) > 40


def test_no_word_of_the_language_is_left_out() -> None:
    said = "\n".join(path.read_text("utf-8") for path in sorted(FOLDER.glob("rules/*.yaml")))
    beside = {"missed", "else", "match", "within", "since", "at", "for", "until", "in_doubt", "channel", "if_not_sent", "data"}
    words = {*VERBS, *FORMS, *REQUIRED, *OPTIONAL, *beside}
    assert {word for word in words if not re.search(rf"\b{word}:", said)} == set()
