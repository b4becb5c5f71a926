"""What a letter needs to know is known before it is sent, so that a rule whose event cannot supply it is found by lint."""

import pytest

from .conftest import written


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("{{ event.order_id }}", [("event.order_id", False)]),
        ("{{ event['order_id'] }}", [("event.order_id", False)]),
        ("{{ event.name | default('x') }}", [("event.name", True)]),
        ("{{ event.name | upper | default('x') }}", [("event.name", False)]),
        ("{{ event.name | default(customer.first_name) }}", [("event.name", True), ("customer.first_name", False)]),
        ("{% if event.name %}{{ event.name }}{% endif %}", [("event.name", True), ("event.name", True)]),
        ("{% if event.name is defined %}{{ event.name }}{% endif %}", [("event.name", True), ("event.name", True)]),
        ("{% if event.name %}{% else %}{{ event.name }}{% endif %}", [("event.name", True), ("event.name", False)]),
        ("{% if event.a and event.b > 3 %}{{ event.a }}{% endif %}", [("event.a", True), ("event.b", False), ("event.a", True)]),
        ("{% if event.a and event.a > 3 %}x{% endif %}", [("event.a", True), ("event.a", True)]),
        ("{% if event.a or event.b %}{{ event.a }}{% endif %}", [("event.a", True), ("event.b", True), ("event.a", False)]),
        ("{% if not event.a %}x{% elif event.b %}{{ event.b }}{% endif %}", [("event.a", True), ("event.b", True), ("event.b", True)]),
        ("{{ event.a if event.a else 'x' }}", [("event.a", True), ("event.a", True)]),
        ("{% for item in event.items %}{{ item.name }}{{ loop.index }}{% endfor %}", [("event.items", False), ("event.items[].name", False)]),
        ("{{ event.items[0].name }}", [("event.items[].name", False)]),
        ("[x]({{ event.url }})", [("event.url", False)]),
    ],
)
def test_the_variables_of_a_letter_and_whether_they_may_be_missing(body: str, expected: list[tuple[str, bool]]) -> None:
    letters = written(note=body)
    assert letters.problems == ()
    assert [(variable.name, variable.has_default) for variable in letters.letters["note"]["en"].variables] == expected


def test_a_variable_knows_its_line() -> None:
    letter = written(note="---\nsubject: For {{ customer.first_name }}\n---\nHi\n\n{{ event.order_id }}").letters["note"]["en"]
    assert [(variable.name, variable.line) for variable in letter.variables] == [("customer.first_name", 2), ("event.order_id", 6)]
    assert (letter.name, letter.language, letter.file, letter.survey) == ("note", "en", "letters/note.md", "")
