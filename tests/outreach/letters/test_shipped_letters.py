"""The letters that we ship: complete in every language, kind to someone of whom we know nothing, small, and without a loose end."""

import re
from pathlib import Path

import pytest
from outreach.letters import Letters, Rendered, load_letters

from .conftest import BRAND, LINKS

PLAYBOOK = Path(__file__).parents[3] / "playbook"
SHIPPED = load_letters(PLAYBOOK, BRAND, ("en", "de"), "en")
EVERYTHING = {
    "product_name": "Kind of Blue",
    "product": "Kind of Blue",
    "order_id": "A1",
    "type": "call.ended",
    "waiting_s": 900,
    "expected_at": "2026-12-08T12:00:00Z",
    "retry_url": "https://northwind.example/pay",
    "url": "https://northwind.example/basket",
}
ALL = [(name, language) for name, versions in SHIPPED.letters.items() for language in versions]


@pytest.fixture
def shipped() -> Letters:
    return SHIPPED


def mail(letters: Letters, name: str, language: str, **known: object) -> Rendered:
    return letters.render(name, language, {"links": LINKS, "purpose": "care", **known})


def test_they_have_no_mistakes_and_exist_in_every_language(shipped: Letters) -> None:
    assert shipped.problems == ()
    assert len(shipped.letters) >= 24
    assert {tuple(sorted(versions)) for versions in shipped.letters.values()} == {("de", "en")}


def test_every_language_of_a_letter_shows_the_same_survey(shipped: Letters) -> None:
    assert all(len({letter.survey for letter in versions.values()}) == 1 for versions in shipped.letters.values())


@pytest.mark.parametrize(("name", "language"), ALL)
def test_they_can_be_sent_to_someone_of_whom_nothing_is_known(shipped: Letters, name: str, language: str) -> None:
    rendered = mail(shipped, name, language)
    assert not re.search(r"\{\{|\{%|%\}|None|[\ue000-\uf8ff]| ,|\S  \w", rendered.text.split("\n\n---\n")[0])
    assert rendered.subject
    assert rendered.preheader
    assert len(rendered.html.encode()) < 16_000


@pytest.mark.parametrize(("name", "language"), ALL)
def test_they_read_well_for_someone_of_whom_everything_is_known(shipped: Letters, name: str, language: str) -> None:
    rendered = mail(shipped, name, language, customer={"first_name": "Zoë", "points": 50.0}, event=EVERYTHING, reward={"coupon": "POST-1"})
    assert not re.search(r"2026-|T12:00|50\.0|None| ,|\S  \w", rendered.text.split("\n\n---\n")[0])
    words = len(rendered.text.split("\n\n---\n")[0].split())
    assert 50 < words < 240, "a letter is short"


@pytest.mark.parametrize(("name", "language"), ALL)
def test_they_greet_by_name_and_fetch_nothing_from_the_network(shipped: Letters, name: str, language: str) -> None:
    rendered = mail(shipped, name, language, customer={"first_name": "Zoë"}, event={"product_name": "Kind of Blue"})
    assert "Zoë," in rendered.text.splitlines()[0]
    assert not re.search(r"<(img|link|script|iframe)|url\(|@import", rendered.html)
    assert set(re.findall(r'href="([^"?]+)', rendered.html)) <= set(LINKS.values())


@pytest.mark.parametrize(("name", "language"), ALL)
def test_they_sell_nothing(shipped: Letters, name: str, language: str) -> None:
    assert not re.search(
        r"%|€|£|\b(discount|sale|offer|deal|Rabatt|Angebot|sparen|jetzt kaufen|buy now)\b|!!", mail(shipped, name, language).text, re.IGNORECASE
    )
