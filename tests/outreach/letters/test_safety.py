"""Whatever a customer or an author writes: values stay text, and no template gets out, hangs or explodes."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import TemplateError
from outreach.letters import LetterError
from outreach.letters.sandbox import Refused, Sandbox

from .conftest import LINKS, Known, Render, written

NASTY = [
    "[x](http://evil.example)",
    "<b>bold</b>",
    "**x** _y_ `z`",
    "{{ 7 * 7 }}",
    "{% for x in y %}",
    "# heading",
    "\ue000\ue001",
    "&amp; &lt;",
    "![i](http://evil.example/i.png)",
]


@pytest.mark.parametrize("name", NASTY)
def test_a_customers_value_is_text_and_nothing_else(render: Render, name: str) -> None:
    mail = render("{{ customer.first_name }}\n\nHi *{{ customer.first_name }}*,", customer={"first_name": name})
    escaped = name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert mail.text.startswith(f"{name}\n\nHi {name},\n")
    assert f">{escaped}</p>" in mail.html
    assert f"<em>{escaped}</em>" in mail.html


@settings(deadline=None)  # the machine may be busy with something else
@given(name=st.text(max_size=40))
def test_no_name_adds_a_line_to_subject_or_greeting(name: str) -> None:
    known = {"customer": {"first_name": name}, "links": LINKS}
    mail = written(note='---\nsubject: Hi {{ customer.first_name | default("x") }}!\n---\nHi {{ customer.first_name | default("x") }},').render(
        "note", "en", known
    )
    assert mail.subject.splitlines() == [mail.subject]
    assert mail.subject.endswith("!")
    assert mail.text.split("\n\n---\n")[0].count("\n") == 0
    assert (mail.subject + mail.text + mail.html).encode()


def test_line_breaks_and_tricks_of_direction_vanish_from_values(render: Render) -> None:
    mail = render(
        "---\nsubject: Hi {{ customer.first_name }}\n---\nHi {{ customer.first_name }}", customer={"first_name": "A\r\nBcc: x@y.example\u202e\x00\u2028Z"}
    )
    assert mail.subject == "Hi A Bcc: x@y.example Z"
    assert mail.text.startswith("Hi A Bcc: x@y.example Z\n")


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "//evil.example", 'https://x.example/" onclick="y', "https://x.example/ y", ""])
def test_a_value_is_a_link_only_when_it_is_a_web_address(render: Render, address: str) -> None:
    with pytest.raises(LetterError, match=r"letters/note\.md:4: expected an http or https address"):
        render("[Track it]({{ event.url }})", event={"url": address})


def test_a_value_inside_an_address_cannot_change_where_it_leads(render: Render) -> None:
    mail = render("[Order](https://shop.example/o/{{ event.order_id }}?x=1)", event={"order_id": "../a?b#c d\"'"})
    assert "Order (https://shop.example/o/..%2Fa%3Fb%23c%20d%22%27?x=1)" in mail.text


def test_data_that_is_no_text_is_not_shown(render: Render) -> None:
    for value in ({"a": 1}, ["a"]):
        with pytest.raises(LetterError, match="expected a text or a number to show"):
            render("{{ event.thing }}", event={"thing": value})


def test_an_error_never_repeats_what_it_was_about(render: Render) -> None:
    with pytest.raises(LetterError) as caught:
        render("{% if customer.first_name > 3 %}x{% endif %}{{ event.missing }}", customer={"first_name": "Ada Lovelace"})
    assert "Ada" not in str(caught.value)
    assert caught.value.__suppress_context__


BOMBS = [
    "{{ 'a' * 1000000000 }}",
    "{{ 10 ** 1000000000 }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ 'a'.ljust(1000000000) }}",
    "{{ '{:>1000000000}'.format(1) }}",
    "{{ lipsum(n=1000000) }}",
    "{% for x in range(1000000000) %}{% endfor %}",
    "{% for x in customer.a %}{% for y in customer.a %}{% endfor %}{% endfor %}",
    "{% for x in customer.a recursive %}{{ loop(x) }}{% endfor %}",
    "{% set x = 'aaaaaaaa' %}{% set x = x ~ x %}",
    "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    "{{ 'a' | center(1000000000) }}",
    "{{ 'a' | replace('a', 'aaaa') }}",
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}",
    "{% extends 'x' %}",
    "{{ self }}",
    "{{ customer | attr('__class__') }}",
    "{{ cycler.__init__.__globals__ }}",
    "{{ customer.keys() }}",
]


@pytest.mark.parametrize("bomb", BOMBS)
def test_every_bomb_is_found_at_once_and_hurts_no_other_letter(known: Known, bomb: str) -> None:
    begin = time.monotonic()
    letters = written(bad=bomb, good="Hi")
    assert {problem.file for problem in letters.problems} == {"letters/bad.md"}
    with pytest.raises(LetterError, match=r"letters/bad\.md"):
        letters.render("bad", "en", known)
    assert time.monotonic() - begin < 1
    assert letters.render("good", "en", known).text.startswith("Hi")


@pytest.mark.parametrize("bomb", [*BOMBS[:7], "{{ customer.__class__ }}", "{{ customer['__class__'] }}", "{{ customer.keys() }}", "{% include 'x' %}"])
def test_the_sandbox_alone_stops_it_too(bomb: str) -> None:
    begin = time.monotonic()
    with pytest.raises((TemplateError, TypeError, Refused)):
        Sandbox().template(bomb, "x.html").render(customer={"a": [1]})
    assert time.monotonic() - begin < 1


def test_rounding_to_a_billion_digits_rounds_to_six(render: Render) -> None:
    assert render("{{ event.n | round(1000000000) }}", event={"n": 2 / 3}).text.startswith("0.666667\n")


def test_output_is_cut_off_while_it_grows(known: Known) -> None:
    letters = written(note="{% for entry in event.list %}{{ event.long }}{% endfor %}" * 50)
    begin = time.monotonic()
    with pytest.raises(LetterError, match="characters, got more"):
        letters.render("note", "en", {**known, "event": {"list": list(range(100_000)), "long": "x" * 1_000_000}})
    assert time.monotonic() - begin < 1


@pytest.mark.parametrize("text", ["&#123;&#123; 7 }}", "{\\{ 7 }}", "&#123;% if %}", "{\\# x #}"])
def test_text_that_only_looks_like_a_tag_in_the_end_stays_text(render: Render, text: str) -> None:
    assert render(text).text.startswith(("{{ 7 }}", "{% if %}", "{# x #}"))
