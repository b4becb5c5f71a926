"""No letter takes long, whatever its author or a customer does: bombs are stopped when they are read, and what is accepted is cheap to render."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from outreach.letters import LetterError, Letters, letters_from
from outreach.letters.plain import LONGEST_LIST, LONGEST_TEXT, plain
from outreach.letters.plaintext import fold
from outreach.letters.price import DEAREST, FILTERS
from outreach.letters.source import LARGEST_FILE

from .conftest import BRAND, LINKS, Known, Render, written

LIMIT = 1.0  # seconds of this process's own time, so that a busy machine is not taken for a bomb
ROOM = LARGEST_FILE - 200
LONG = {
    "words": "a " * 5000,
    "marks": "&<'\"" * 2500,
    "emoji": "\U0001f600" * 10_000,
    "digits": "9" * 10_000,
    "sharp": "\u0149 " * 5000,
    "short": "\u0149 " * 150,
}
HUGE: dict[str, Any] = {"customer": {"a": LONG["sharp"], **LONG, "list": [LONG["marks"]] * 1000, "n": 10**5000}, "links": LINKS}


@dataclass
class Spent:
    """The seconds that this process spent."""

    begin: float = 0.0

    def __call__(self) -> float:
        return time.process_time() - self.begin


@pytest.fixture
def spent() -> Spent:
    return Spent(time.process_time())


def filled(unit: str, head: str = "", tail: str = "") -> str:
    """As much of it as a letter's file may hold."""
    return head + unit * ((ROOM - len((head + tail).encode())) // len(unit.encode())) + tail


CLASSES = [
    *("[", "![", "]", "(", "*", "_", "`", "<", "&", "\\", "#", "~", "=", "-", "1", " ", "\t", "\n", "\r", "\x00", "\x0b", "\u00e9", "\U0001f600", "\ue000"),
    *("{", "{{", "{{ '", "{#", "{# #}", "{% raw %}", "{{ customer.a }}", "{{customer.a|d('')}}", "{% if customer.a %}", "{% if customer.a %}{% endif %}"),
    *("*a **a ", "_a __a ", "***a", "*_", "a*b", "`` ` ", "[[a]", "![[", "[a](", "[a](<", "[a][b]", "[a\n", '[a](http://b "', "<a ", "<http://a.b>"),
    *("> ", "- ", "1. ", "> - ", "- - ", "- a\n", "> a\n", "* \n", "1. a\n  ", "    a\n", "```\n", "~~~\n", "---\n", "a\n", "a\n=\n", "|a|b|\n", "[a]: b\n"),
    *("<![CDATA[", "<!--", "[a]: b\n\n[a]\n"),
]  # fmt: skip
SHAPED = {
    "a long reference used often": "[a]: http://b.example/" + "x" * 10_000 + "\n\n" + "[a] " * 3000,
    "a long title used often": '[a]: http://b.example "' + "x" * 10_000 + '"\n\n' + "[a] " * 3000,
    "a long picture used often": "[a]: http://b.example/" + "x" * 10_000 + "\n\n" + "![a] " * 2500,
    "brackets within brackets": "[" * 11_000 + "a" + "]" * 11_000,
    "links within links": "[a" * 5000 + "](http://b.example)" * 600,
    "quotations within quotations": "\n".join(">" * depth + " a" for depth in range(200)),
    "lists within lists": "\n".join(" " * 2 * depth + "- a" for depth in range(140)),
    "code spans of every length": "".join("`" * length + " " for length in range(1, 200)),
    "a quotation mark that never ends": "    " + "> " * 6000 + " a b c d e f" * 700,
    "parentheses": "{{ " + "(" * 11_000 + "customer.a" + ")" * 11_000 + " }}",
    "lists of lists": "{{ " + "[" * 11_000 + "]" * 11_000 + " }}",
    "nots": "{{ " + "not " * 5500 + "customer.a }}",
    "minuses": "{{ " + "-" * 22_000 + "1 }}",
    "ands": "{% if " + "customer.a and " * 1500 + "customer.a %}x{% endif %}",
    "a chain of filters": filled("|title", "{{ customer.a", " }}"),
    "a growing chain": filled("|urlencode", "{{ customer.emoji", " }}"),
    "a chain on a constant": filled("|upper", "{{ 'a'", " }}"),
    "a chain of fields": filled(".a", "{{ customer", " }}"),
    "a chain of tildes": filled("customer.a~", "{{ ", "'' }}"),
    "a chain of comparisons": filled("< 1", "{{ 1 ", " }}"),
    "choices within choices": "{% if customer.a %}" * 700 + "{% endif %}" * 700,
    "a choice of a thousand": filled("{% elif customer.a %}", "{% if customer.a %}", "{% endif %}"),
    "a choice in a choice in a line": filled("1 if customer.a else ", "{{ ", "2 }}"),
    "one loop after another": filled("{% for x in customer.list %}{% endfor %}"),
    "a number of thousands of digits": "{{ " + "9" * 22_000 + " }}",
    "joining with a long separator": "{{ customer.list | join(customer.a) }}" * 500,
    "stripping many characters": "{{ customer.a | trim('" + "x" * 20_000 + "') }}",
    "a truncation of a billion": "{{ customer.a | truncate(1000000000, end='" + "x" * 20_000 + "') }}",
    "a rounding of a billion": "{{ customer.n | round(1000000000) }}",
}
FRONTS = {
    "deep": "subject: " + "[" * 16_000,
    "long": "subject: [" + "1," * 8000 + "]",
    "many": "".join(f"a{n}: 1\n" for n in range(1800)),
    "maps": "a: {" * 4000,
}


def rendered(letters: Letters, value: object = LONG["sharp"]) -> None:
    """Every letter there is, for the customer with the longest values; what cannot be rendered says so."""
    for name in letters.written:
        try:
            letters.render(name, "en", {**HUGE, "customer": {**HUGE["customer"], "a": value}})
        except LetterError:
            continue


@pytest.mark.parametrize("unit", CLASSES)
def test_a_file_of_one_thing_only_is_read_and_rendered_within_a_second(unit: str, spent: Spent) -> None:
    letters = written(bad=filled(unit), good="Hi")
    rendered(letters)
    assert spent() < LIMIT
    assert letters.render("good", "en", {"links": LINKS}).text.startswith("Hi")


@pytest.mark.parametrize("shape", SHAPED)
def test_a_bomb_is_stopped_within_a_second_and_hurts_no_other_letter(shape: str, spent: Spent) -> None:
    assert len(SHAPED[shape]) <= ROOM
    letters = written(bad=SHAPED[shape], good="Hi")
    rendered(letters)
    assert spent() < LIMIT
    assert letters.render("good", "en", {"links": LINKS}).text.startswith("Hi")


@pytest.mark.parametrize("front", FRONTS)
def test_front_matter_that_goes_too_far_is_refused(front: str, spent: Spent) -> None:
    assert written(bad=f"---\n{FRONTS[front]}\n---\nHi").problems
    assert spent() < LIMIT


FRAMES = {
    "styles for every element": "<style>" + "".join(f"p{{--a{n}:x}}" for n in range(2300)) + "</style>",
    "siblings of siblings": "<style>" + ("~".join(["li"] * 30) + "~b{color:red}") * 200 + "</style>",
    "nots within nots": "<style>" + ":not(" * 5000 + "p" + ")" * 5000 + "{color:red}</style>",
    "elements within elements": "<i>" * 20_000,
    "formatting within formatting": "<a><b><i><u>" * 2000,
    "as many elements as there may be": "<i>" * 990,
    "attributes": "<p " + "a " * 14_000 + ">",
    "loops": "{% for x in brand.name %}{% for y in brand.name %}{% endfor %}{% endfor %}",
    "many loops": "{% for x in brand.name %}{{ brand.address }}{% endfor %}" * 500,
    "a file without an end": "<p>" + "x" * 10_000_000,
}


@pytest.mark.parametrize("frame", FRAMES)
def test_a_frame_that_goes_too_far_is_refused_and_letters_go_on(frame: str, spent: Spent) -> None:
    html = f"<html><body>{FRAMES[frame]}{{{{ content }}}}{{{{ footer }}}}</body></html>"
    letters = letters_from({"letters/_brand.html": html, "letters/long.md": "---\nsubject: S\n---\n" + "- a\n\n" * 4000}, BRAND, ("en",), "en")
    rendered(letters)
    assert spent() < LIMIT


@pytest.mark.parametrize("applied", sorted(FILTERS))
def test_the_dearest_letter_that_is_accepted_keeps_nobody_waiting(applied: str) -> None:
    """The price list is right: what it allows takes no longer than a few times what it says, for the worst of the longest texts."""
    letters = written(note=f"{{% if customer.a | {applied} == 'x' %}}{{% endif %}}" * min(DEAREST // 2 // (FILTERS[applied] + 9), 400))
    assert letters.problems == ()
    worst = [LONG["marks"]] * 1000 if applied == "join" else None
    took = [_seconds(lambda value=value: rendered(letters, value)) for value in ([worst] if worst else LONG.values())]  # type: ignore[misc] # mypy does not know a default of a lambda
    assert max(took) * 1e6 < 3 * DEAREST


def test_the_dearest_loop_keeps_nobody_waiting() -> None:
    letters = written(note="{% for x in customer.list %}{% if loop.index == x or x in customer.list %}{{ x.a | d('') }}{% endif %}{% endfor %}" * 22)
    assert letters.problems == ()
    assert _seconds(lambda: rendered(letters)) * 1e6 < 3 * DEAREST


def _seconds(work: Callable[[], None]) -> float:
    """The shortest of three tries."""
    tries = []
    for _ in range(3):
        spent = Spent(time.process_time())
        work()
        tries.append(spent())
    return min(tries)


def test_a_letter_that_would_take_too_long_says_so() -> None:
    [problem] = written(note="{% for x in customer.list %}{{ x | urlencode | int }}{% endfor %}").problems
    assert problem.message == "expected a letter that is written in 45 ms at most, got one that may take 80 ms: use fewer loops or filters"


def test_a_title_has_capitals_and_a_long_text_is_none(render: Render) -> None:
    assert render("{{ event.n | title }}", event={"n": "kind of blue"}).text.startswith("Kind Of Blue")
    assert render("{{ event.n | title }}", event={"n": "kind of " * 40}).text.startswith("kind of kind")


def test_a_title_for_every_entry_of_a_list_is_affordable() -> None:
    assert written(note="{% for item in event['items'] %}\n- {{ item.name | title }}\n{% endfor %}").problems == ()


def test_a_tag_torn_apart_by_markdown_is_a_mistake_and_no_crash() -> None:
    [problem] = written(note="[a]: http://b.example '{% if customer.a %}'\n\nHi\n\n{% endif %}").problems
    assert (problem.file, problem.line) == ("letters/note.md", 8)
    assert "still whole where Markdown put them" in problem.message


@pytest.mark.parametrize("address", ["/logo.png", "ftp://files.example/logo.png"])
def test_a_picture_comes_from_the_web_like_a_link(address: str) -> None:
    [problem] = written(note=f"![logo]({address})").problems
    assert "expected a link to an http, https or mailto address" in problem.message


def test_a_customers_values_are_cut_and_huge_numbers_are_nothing() -> None:
    kept = plain({"text": "x" * 10**6, "list": [1] * 10**5, "n": 10**5000, "wide": {str(n): n for n in range(10**5)}, "deep": [[[[[[[[1]]]]]]]]})
    assert (len(kept["text"]), len(kept["list"]), len(kept["wide"]), "n" in kept) == (LONGEST_TEXT, LONGEST_LIST, 100, False)


def test_a_list_joined_beyond_measure_is_refused(known: Known) -> None:
    with pytest.raises(LetterError, match="expected at most 10000 characters in a joined list"):
        written(note="{{ customer.list | join }}").render("note", "en", {**known, "customer": HUGE["customer"]})


@pytest.mark.parametrize("shape", ["a long reference used often", "a long title used often", "a long picture used often"])
def test_a_reference_does_not_multiply_what_it_holds(shape: str) -> None:
    [problem] = written(note=SHAPED[shape]).problems
    assert problem.message == "expected at most 50000 characters in all links together"


def test_a_long_indent_is_not_repeated_on_every_line() -> None:
    assert len(fold("> " * 10_000 + "a b c " * 2000)) < 100_000


@settings(deadline=None, max_examples=200)  # the machine may be busy with something else
@given(st.text(st.sampled_from("> -*1. a\u00e9"), max_size=400))
def test_folding_never_loses_a_word(line: str) -> None:
    folded = fold(line)
    assert [word for word in folded.split() if "a" in word] == [word for word in line.split() if "a" in word]
    assert len(folded) <= 6 * len(line) + 10
