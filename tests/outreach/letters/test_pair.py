"""Letters with full control: two files, the same sandbox, and everything that a decent letter carries."""

import time

import pytest
from outreach.letters import LetterError, Letters, letters_from

from .conftest import BRAND, LINKS, Known

TEXT = """---
subject: Sale for {{ customer.first_name | default("you") }}
preheader: Only today
---
Hi {{ customer.first_name | default("there") }},
{% if event.order_id %}
your order {{ event.order_id }}
{% endif %}
{{ why }}
{{ links.preferences }}
{{ links.unsubscribe }}
"""
END = '<p>{{ why }}</p><a href="{{ links.preferences }}">Choose</a> <a href="{{ links.unsubscribe }}">Stop</a></body></html>'
HTML = f"""<html lang="{{{{ language }}}}"><head><title>{{{{ subject }}}}</title><style>p {{ color: red }}</style></head><body>
<!--[if mso]><table><tr><td><![endif]-->
<h1 title="For {{{{ customer.first_name | d('you') }}}}">Hi {{{{ customer.first_name | d("there") }}}}</h1>
{END}"""


def pair(html: str = HTML, text: str = TEXT, **more: str) -> Letters:
    texts = {"letters/sale.html.j2": html, "letters/sale.txt.j2": text, **{f"letters/{name.replace('_', '.')}": each for name, each in more.items()}}
    return letters_from(texts, BRAND, ("en", "de"), "en")


def test_a_pair_says_exactly_what_is_written_in_it(known: Known) -> None:
    letters = pair()
    assert letters.problems == ()
    mail = letters.render("sale", "en", known)
    assert (mail.subject, mail.preheader) == ("Sale for Ada", "Only today")
    assert mail.text.startswith("Hi Ada,\nyour order A1\nYou get this letter because")
    assert '<html lang="en"><head><title>Sale for Ada</title><style>p { color: red }</style></head>' in mail.html
    assert "<!--[if mso]><table>" in mail.html
    assert f'<a href="{LINKS["unsubscribe"]}">Stop</a>' in mail.html


def test_a_pair_in_each_language_beside_letters_in_markdown(known: Known) -> None:
    german = {"sale_de_txt.j2": TEXT.replace("Hi", "Hallo"), "sale_de_html.j2": HTML.replace("Hi", "Hallo"), "note_md": "---\nsubject: S\n---\nHi"}
    letters = pair(**german)
    assert letters.problems == ()
    assert {name: sorted(languages) for name, languages in letters.letters.items()} == {"sale": ["de", "en"], "note": ["en"]}
    assert "Hallo Ada" in letters.render("sale", "de-AT", known).html


@pytest.mark.parametrize("name", ["<b>x</b>", '" onmouseover="alert(1)', "{{ 7 * 7 }}", "'><script>", "&quot;"])
def test_a_customers_value_stays_text_between_elements_and_in_attributes(name: str, known: Known) -> None:
    html = pair().render("sale", "en", {**known, "customer": {"first_name": name}}).html
    escaped = name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&#34;").replace("'", "&#39;")
    assert f"""<h1 title="For {escaped}">Hi {escaped}</h1>""" in html


@pytest.mark.parametrize("quote", ['"', "'"])
@pytest.mark.parametrize("attribute", ["href", "HREF ", "src", "background"])
def test_an_address_from_a_value_is_a_web_address_or_the_letter_fails(attribute: str, quote: str, known: Known) -> None:
    letters = pair(HTML.replace("<h1", f"<a {attribute}={quote}{{{{ event.url }}}}{quote}>go</a>\n<h1"))
    assert letters.problems == ()
    assert "https://x.example/a" in letters.render("sale", "en", {**known, "event": {"url": "https://x.example/a"}}).html
    for address in ("javascript:alert(1)", "data:text/html,x", "//evil.example", ""):
        with pytest.raises(LetterError, match=r"letters/sale\.html\.j2:3: expected (an http or https address|a value)"):
            letters.render("sale", "en", {**known, "event": {"url": address}})


def test_the_real_address_is_checked_even_where_a_comment_holds_the_same(known: Known) -> None:
    link = '<a href="{{ event.url }}">'
    letters = pair(HTML.replace("<h1", f"<!-- <a href='x'> --><p>a > b</p>{link}<h1"))
    with pytest.raises(LetterError, match="expected an http or https address"):
        letters.render("sale", "en", {**known, "event": {"url": "javascript:x"}})


def test_a_value_inside_an_address_cannot_change_where_it_leads(known: Known) -> None:
    letters = pair(HTML.replace("<h1", '<a href="https://shop.example/{{ event.order_id }}?x=1">o</a><h1'))
    assert 'href="https://shop.example/..%2Fa%3Fb?x=1"' in letters.render("sale", "en", {**known, "event": {"order_id": "../a?b"}}).html


MISTAKES = {
    "a script": ("<script>x</script>", 3, "expected a letter without <script>"),
    "a frame": ("<iframe src='https://x.example'></iframe>", 3, "expected a letter without <iframe>"),
    "an event": ("<p onclick='x'>y</p>", 3, "expected a letter without onclick"),
    "a dead link": ("<a href='/orders'>y</a>", 3, 'expected an http, https or mailto address, got "/orders"'),
    "a javascript link": ("<a href=' javascript:x'>y</a>", 3, "expected an http, https or mailto address"),
    "a value in a style": ("<p style='color: {{ event.c }}'>y</p>", 3, "a value has no place in a style"),
    "a value in a stylesheet": ("<style>p {color: {{ event.c }}}</style>", 3, "a value has no place in <style>"),
    "a value in a comment": ("<!-- {{ event.c }} -->", 3, "a value has no place in a comment"),
    "a value without quotes": ("<p title={{ event.c }}>y</p>", 3, "a value has no place in an attribute without quotes"),
    "a value as an attribute": ("<p {{ event.c }}>y</p>", 3, "a value has no place in the name of an attribute"),
    "a value as an element": ("<{{ event.c }}>y", 3, "expected the name of an element after <"),
    "a value in the name of an element": ("<a{{ event.c }} >y", 3, "a value has no place in the name of an element"),
    "a value at the end of an element": ("<p>y</{{ event.c }}>", 3, "a value has no place in a comment, a declaration or the end of an element"),
    "an element that does not end": ("<a title='", 3, "with every quotation mark closed"),
    "a comment that does not end": ("<!-- x", 3, "expected --> somewhere behind it"),
    "an unknown name": ("{{ evnt.c }}", 3, 'unknown name "evnt": did you mean "event"?'),
    "a call": ("{{ event.c() }}", 3, 'got "call"'),
    "a loop within a loop": ("{% for a in event.b %}{% for c in event.b %}{% endfor %}{% endfor %}", 3, "expected a simple loop"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_found_where_it_is(mistake: str) -> None:
    html, line, expected = MISTAKES[mistake]
    letters = pair(HTML.replace("<h1", f"{html}<h1"))
    [problem] = letters.problems
    assert (problem.file, problem.line) == ("letters/sale.html.j2", line)
    assert expected in problem.message


def test_what_every_letter_carries_is_asked_for_in_both_files() -> None:
    letters = pair("<p>Hi</p>", "---\nsubject: S\nsurvey: csat\n---\nHi {{ why }}")
    assert [(problem.file, problem.message.split("}}")[0]) for problem in letters.problems] == [
        ("letters/sale.txt.j2", "expected {{ links.preferences "),
        ("letters/sale.txt.j2", "expected {{ links.unsubscribe "),
        ("letters/sale.txt.j2", "expected {{ links.survey "),
        ("letters/sale.html.j2", "expected {{ why "),
        ("letters/sale.html.j2", "expected {{ links.preferences "),
        ("letters/sale.html.j2", "expected {{ links.unsubscribe "),
        ("letters/sale.html.j2", "expected {{ links.survey "),
    ]


def test_one_file_without_the_other_and_two_of_one_letter_are_mistakes() -> None:
    texts = {
        "letters/a.txt.j2": TEXT,
        "letters/b.html.j2": HTML,
        "letters/c.md": "---\nsubject: S\n---\nHi",
        "letters/c.txt.j2": TEXT,
        "letters/c.html.j2": HTML,
        "letters/d.txt.j2": TEXT,
        "letters/d.html.j2": HTML + "x" * 70_000,
    }
    problems = letters_from(texts, BRAND, ("en",), "en").problems
    assert [(problem.file, problem.message) for problem in problems] == [
        ("letters/a.txt.j2", "expected letters/a.html.j2 beside it, with the HTML part"),
        ("letters/b.html.j2", "expected letters/b.txt.j2 beside it, with the subject and the text part"),
        ("letters/c.txt.j2", "expected one letter c in en, got a second one"),
        ("letters/d.html.j2", "expected at most 64 KB"),
    ]


UNITS = ["<", "<a ", "<a href='", '<a x="', "<!", "<!--", "<![", "<?", "</", "</a", "&", "&#", "<style>", "<p>", "<p a=b ", "{{ why }}", "'", "> <"]


@pytest.mark.parametrize("unit", UNITS)
def test_no_html_takes_a_second_to_read(unit: str) -> None:
    begin = time.process_time()
    pair(HTML + unit * (60_000 // len(unit)))
    pair(unit * (60_000 // len(unit)))
    assert time.process_time() - begin < 1
