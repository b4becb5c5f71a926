"""One source gives subject, text and HTML, in the customer's language, with everything that a decent letter carries."""

import time
from pathlib import Path

import pytest
from outreach.letters import LetterError, letters_from, load_letters

from .conftest import BRAND, LINKS, Known, Render, written

CHECKIN = """---
subject: How is {{ event.product_name | default("your order") }}?
preheader: One tap, {{ customer.first_name | default("please") }}.
survey: csat
---
Hi {{ customer.first_name | default("there") }},

{% if event.product_name %}
Is *{{ event.product_name }}* all right?
{% else %}
Is everything all right?
{% endif %}

[Track it](https://shop.example/orders/{{ event.order_id }}) or **reply**.
"""


def test_one_source_gives_subject_text_and_html(render: Render) -> None:
    mail = render(CHECKIN)
    assert mail.subject == "How is Kind of Blue?"
    assert mail.preheader == "One tap, Ada."
    assert mail.text.startswith("Hi Ada,\n\nIs Kind of Blue all right?\n\nTrack it (https://shop.example/orders/A1) or reply.\n")
    assert "<em>Kind of Blue</em>" in mail.html
    assert 'href="https://shop.example/orders/A1"' in mail.html


def test_a_choice_leaves_no_gap_behind(render: Render) -> None:
    mail = render(CHECKIN, event={"order_id": "A1"}, customer={})
    assert mail.subject == "How is your order?"
    assert mail.text.startswith("Hi there,\n\nIs everything all right?\n\nTrack it")
    assert "<p></p>" not in mail.html


@pytest.mark.parametrize("nothing", [None, "", "  \n", "\x00"])
def test_what_is_blank_counts_as_missing(render: Render, nothing: str | None) -> None:
    assert render('Hi {{ customer.first_name | default("there") }},', customer={"first_name": nothing}).text.startswith("Hi there,")


@pytest.mark.parametrize(("wanted", "got"), [("de", "Hallo"), ("de-AT", "Hallo"), ("DE_at", "Hallo"), ("en-GB", "Hi"), ("fr", "Hi"), ("", "Hi")])
def test_the_language_falls_back_from_region_to_language_to_the_first(known: Known, wanted: str, got: str) -> None:
    assert written(note="Hi", note_de="Hallo").render("note", wanted, known).text.startswith(got)


def test_a_letter_for_the_region_goes_before_the_one_for_the_language(known: Known) -> None:
    letters = letters_from(
        {f"letters/note{end}.md": f"---\nsubject: S\n---\n{text}" for end, text in (("", "Hi"), (".de", "Hallo"), (".de-AT", "Servus"))},
        BRAND,
        ("en", "de", "de-AT"),
        "en",
    )
    assert letters.render("note", "de-at", known).text.startswith("Servus")
    assert letters.render("note", "de-CH", known).text.startswith("Hallo")


def test_every_letter_says_why_it_came_from_where_and_how_to_stop_it(render: Render) -> None:
    mail = render("Hi")
    for part in (mail.text, mail.html):
        flat = " ".join(part.split())
        assert "because you are a customer of Northwind Records" in flat
        assert "1 Canal Street, Leeds" in flat
        assert LINKS["preferences"] in flat
        assert LINKS["unsubscribe"] in flat


def test_the_rule_may_say_why_in_its_own_words(render: Render) -> None:
    mail = render("Hi", why="You ordered from us.")
    assert "You ordered from us." in mail.text
    assert "You ordered from us." in mail.html
    assert "because you are a customer" not in mail.text


def test_the_fixed_words_are_in_the_language_of_the_letter(known: Known) -> None:
    mail = written(note="Hi", note_de="Hallo").render("note", "de", known)
    assert "Abmelden" in mail.text
    assert '<html lang="de">' in mail.html


def test_a_csat_letter_shows_five_faces_that_say_what_they_mean(render: Render) -> None:
    mail = render(CHECKIN)
    assert [f'href="{LINKS["survey"]}?score={score}"' in mail.html for score in range(7)] == [False, True, True, True, True, True, False]
    assert 'aria-label="5 of 5: Very good"' in mail.html
    assert f"1 - Very bad: {LINKS['survey']}?score=1\n" in mail.text


def test_an_nps_letter_shows_eleven_numbers_and_one_address_in_the_text(render: Render) -> None:
    mail = render("---\nsubject: S\nsurvey: nps\n---\nHi")
    assert all(f"?score={score}" in mail.html for score in range(11))
    assert 'aria-label="10 of 10: Very likely"' in mail.html
    assert 'aria-label="4 of 10"' in mail.html
    assert f"Answer here: {LINKS['survey']}\n" in mail.text


def test_a_playbook_may_bring_its_own_survey_and_frame(known: Known) -> None:
    texts = {
        "surveys/mood.yaml": 'kind: csat\nquestion: {en: "Was it <good>?"}\nanswers: {en: [a, b, c, d, e & f]}\n',
        "letters/_brand.html": "<html><style>p {color: red}</style><body>{{ content }}<hr>{{ footer }}</body></html>",
        "letters/note.md": "---\nsubject: S\nsurvey: mood\n---\nHi",
    }
    letters = letters_from(texts, BRAND, ("en",), "en")
    assert letters.problems == ()
    html = letters.render("note", "en", known).html
    assert '<p style="color: red;">Hi</p>' in html
    assert "Was it &lt;good&gt;?" in html
    assert 'aria-label="5 of 5: e &amp; f"' in html


def test_loops_and_numbers_read_like_a_letter(render: Render) -> None:
    mail = render(
        "For {{ event.total }}:\n\n{% for item in event['items'] %}\n- {{ loop.index }} {{ item.name }}\n{% endfor %}",
        event={"total": 50.0, "items": [{"name": "A"}, {"name": "B"}]},
    )
    assert mail.text.startswith("For 50:\n\n- 1 A\n\n- 2 B\n")


def test_a_field_called_like_a_method_is_still_the_field(render: Render) -> None:
    assert render("{{ event.items | join }}, {{ event.get }}", event={"items": ["x", "y"], "get": 3}).text.startswith("x, y, 3")


def test_what_is_missing_is_named_with_its_file_and_line(known: Known) -> None:
    letters = written(note="Hi {{ customer.first_name }},\n\nyour\n{{ event.amount }} and {{ brand.name }}")
    with pytest.raises(LetterError, match=r"letters/note\.md:7: expected a value for event\.amount, got none") as caught:
        letters.render("note", "en", known)
    assert (caught.value.file, caught.value.line) == ("letters/note.md", 7)


def test_a_missing_link_is_an_error_and_not_a_dead_end(known: Known) -> None:
    with pytest.raises(LetterError, match="expected an http or https address"):
        written(note="Hi").render("note", "en", {**known, "links": {}})


def test_an_unknown_letter_is_an_error(known: Known) -> None:
    with pytest.raises(LetterError, match=r"letters/nope\.md"):
        written(note="Hi").render("nope", "en", known)


def test_letters_are_read_from_a_folder(tmp_path: Path, known: Known) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "note.md").write_text("---\nsubject: Grüße\n---\nHi\n", encoding="utf-8")
    assert load_letters(tmp_path, BRAND, ("en",), "en").render("note", "en", known).subject == "Grüße"


def test_a_letter_longer_than_mail_programs_show_is_refused(known: Known) -> None:
    with pytest.raises(LetterError, match="102000 bytes of HTML"):
        written(note="{{ event.a }}" * 36).render("note", "en", {**known, "event": {"a": "ab " * 999}})


def test_rendering_takes_well_under_a_millisecond(known: Known) -> None:
    letters = written(note=CHECKIN)
    begin = time.process_time()
    for _ in range(300):
        letters.render("note", "en", known)
    assert (time.process_time() - begin) / 300 < 0.001
