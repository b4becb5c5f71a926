"""Dates in letters read as a person writes them, in the language of the letter."""

import pytest
from outreach.letters import LetterError

from .conftest import Render


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("2026-12-08", "Tuesday, 8 December"),
        ("2026-12-08T12:00:00Z", "Tuesday, 8 December"),
        ("2026-12-08T23:30:00+01:00", "Tuesday, 8 December"),
        ("2028-02-29", "Tuesday, 29 February"),
    ],
)
def test_a_day_is_written_out(render: Render, said: str, words: str) -> None:
    assert render("On {{ event.expected_at | day }}.", event={"expected_at": said}).text.startswith(f"On {words}.\n")


def test_a_german_letter_has_german_days(render: Render) -> None:
    assert render('Am {{ event.expected_at | day("de") }}.', event={"expected_at": "2026-03-03"}).text.startswith("Am Dienstag, 3. März.\n")


@pytest.mark.parametrize("filled", ['event.expected_at | day("xx")', "customer.first_name | day", "event.missing | day"])
def test_what_is_no_day_is_never_sent(render: Render, filled: str) -> None:
    with pytest.raises(LetterError):
        render(f"On {{{{ {filled} }}}}.", event={"expected_at": "2026-12-08"}, customer={"first_name": "Ada"})
