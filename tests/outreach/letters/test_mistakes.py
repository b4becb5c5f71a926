"""Every mistake in a letter is found when it is loaded, with its file, its line and what was expected; never only the first."""

import pytest
from outreach.letters import letters_from

from .conftest import BRAND, Known, written

MISTAKES = {
    "no front matter": ("Hi", 1, "expected the letter to begin with ---"),
    "front matter without an end": ("---\nsubject: S\n", 1, "expected the letter to begin with ---"),
    "no subject": ("---\npreheader: P\n---\nHi", 2, "expected a subject"),
    "unknown key": ("---\nsubject: S\npre_header: P\n---\nHi", 3, 'unknown key "pre_header": did you mean "preheader"?'),
    "doubled key": ("---\nsubject: S\nsubject: T\n---\nHi", 3, "expected YAML"),
    "braces without quotes": ("---\nsubject: {{ customer.first_name }}, hello\n---\nHi", 2, "needs quotes"),
    "an alias": ("---\nsubject: &a S\npreheader: *a\n---\nHi", 2, "expected no aliases"),
    "a subject that is no text": ("---\nsubject: [S]\n---\nHi", 2, "expected subject to be a text"),
    "unknown name": ("---\nsubject: S\n---\nHi\n\n{{ costumer.first_name }}", 6, 'unknown name "costumer": did you mean "customer"?'),
    "unknown name in the subject": ("---\nsubject: S\npreheader: Hi {{ evnt.x }}\n---\nHi", 3, 'unknown name "evnt": did you mean "event"?'),
    "unknown filter": ("---\nsubject: S\n---\n{{ customer.first_name | defualt('x') }}", 4, 'unknown filter "defualt": did you mean "default"?'),
    "a tag without an end": ("---\nsubject: S\n---\nHi\n{% if event.x %}", 5, "expected a template that can be read"),
    "a call": ("---\nsubject: S\n---\n\n{{ customer.name() }}", 5, 'got "call"'),
    "a link to nowhere": ("---\nsubject: S\n---\n[x](/orders)", 4, 'expected a link to an http, https or mailto address, got "/orders"'),
    "not one of the languages": ("---\nsubject: S\n---\nSalut", 0, 'expected one of the languages de, en, got "fr"'),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_found_where_it_is(mistake: str) -> None:
    text, line, expected = MISTAKES[mistake]
    file = "letters/note.fr.md" if "languages" in mistake else "letters/note.md"
    [problem] = letters_from({file: text}, BRAND, ("en", "de"), "en").problems
    assert (problem.file, problem.line) == (file, line)
    assert expected in problem.message


def test_all_mistakes_are_told_at_once() -> None:
    letters = written(one="{{ a.b }}\n{{ c.d }}", two="{{ e.f }}", three="Hi")
    assert [(problem.file, problem.line) for problem in letters.problems] == [("letters/one.md", 4), ("letters/one.md", 5), ("letters/two.md", 4)]
    assert list(letters.letters) == ["three"]
    assert letters.written == {"one": {"en": ""}, "two": {"en": ""}, "three": {"en": ""}}


@pytest.mark.parametrize("file", ["letters/Checkin.md", "letters/check in.md", "letters/checkin.deutsch.md"])
def test_a_file_name_says_which_letter_in_which_language(file: str) -> None:
    [problem] = letters_from({file: "---\nsubject: S\n---\nHi"}, BRAND, ("en",), "en").problems
    assert "expected a file name such as checkin.md or checkin.de.md" in problem.message


def test_a_huge_file_is_refused() -> None:
    [problem] = letters_from({"letters/note.md": "---\nsubject: S\n---\n" + "x" * 70_000}, BRAND, ("en",), "en").problems
    assert "at most 24 KB" in problem.message


def test_a_frame_without_its_places_is_refused_and_the_built_in_one_is_used(known: Known) -> None:
    letters = letters_from({"letters/_brand.html": "<p>{{ content }}</p>{{ bland.name }}", "letters/note.md": "---\nsubject: S\n---\nHi"}, BRAND, ("en",), "en")
    assert [problem.message for problem in letters.problems] == ['unknown name "bland": did you mean "brand"?', "expected {{ footer }} in the frame"]
    assert "prefers-color-scheme" in letters.render("note", "en", known).html


@pytest.mark.parametrize(
    ("survey", "expected"),
    [
        ("kind: stars", "expected kind: csat or nps"),
        ("kind: csat\nquestion: How?", "expected question: with a text for each language"),
        ("kind: csat\nquestion: {en: How?}\nanswers: {en: [bad, good]}", "expected answers: en: a list of 5 texts"),
        ("kind: nps\nquestion: {en: How?}\nanswers: {}", "expected answers: with a text for each language"),
        ("- kind", "expected keys with values"),
    ],
)
def test_a_mistake_in_a_survey_is_found(survey: str, expected: str) -> None:
    [problem] = letters_from({"surveys/mood.yaml": survey}, BRAND, ("en",), "en").problems
    assert problem.file == "surveys/mood.yaml"
    assert expected in problem.message
