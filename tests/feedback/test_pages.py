"""Every page in every language, and what makes it readable for everybody."""

import itertools
import re
import tomllib
from importlib.resources import files
from typing import Any

import httpx
import pytest
from care_contracts.links import Use
from feedback.scales import CSAT, NPS, Mood
from feedback.words import LANGUAGES, language_for, load_words

from tests.feedback.stage import Service, letter

STYLE = (files("feedback") / "templates" / "style.css").read_text()


def entries(value: Any, path: str = "") -> dict[str, str]:
    if isinstance(value, dict):
        return {name: text for key, inner in value.items() for name, text in entries(inner, f"{path}.{key}").items()}
    if isinstance(value, list):
        return {name: text for number, inner in enumerate(value) for name, text in entries(inner, f"{path}.{number}").items()}
    return {path: value}


def palettes() -> list[dict[str, str]]:
    """The light colours, and the dark ones."""
    return [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block)) for block in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)]


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_everything(language: str) -> None:
    english, other = (tomllib.loads((files("feedback.words") / f"{each}.toml").read_text()) for each in ("en", language))

    assert entries(english).keys() == entries(other).keys()
    assert [name for name, text in entries(other).items() if text.count("{brand}") != entries(english)[name].count("{brand}")] == []


def test_the_brand_is_named_and_where_it_has_no_name_there_are_words_for_it() -> None:
    assert "because Northwind Records wrote" in load_words("en", "Northwind Records")["page"]["footer"]
    assert "weil Kundenservice dir" in load_words("de", "")["page"]["footer"]


@pytest.mark.parametrize(
    ("wish", "accepted", "expected"),
    [
        ("de-AT", "en", "de"),
        ("DE", "", "de"),
        ("fr", "de;q=0.4, en;q=0.3", "de"),
        ("", "fr, en;q=0.2, de;q=0.9", "de"),
        ("", "de;q=0", "en"),
        ("", "de;q=oops, *;q=0.1", "en"),
        ("", "", "en"),
    ],
)
def test_the_customers_language_comes_first_then_the_browsers_then_english(wish: str, accepted: str, expected: str) -> None:
    assert language_for(wish, accepted) == expected


async def test_a_german_letter_opens_german_pages(service: Service, client: httpx.AsyncClient) -> None:
    await service.writes(letter(language="de-AT"))
    english = {"accept-language": "en"}

    page = await client.get(service.link(Use.SURVEY, letter()), headers=english)
    thanks = await client.post(service.link(Use.SURVEY, letter()), data={"score": "5"}, headers=english)

    assert '<html lang="de">' in page.text
    assert "Sehr gut" in page.text
    assert "macht uns froh" in thanks.text
    assert thanks.headers["content-language"] == "de"


async def test_a_page_without_a_letter_follows_the_browser(client: httpx.AsyncClient) -> None:
    page = await client.get("/nowhere", headers={"accept-language": "de-DE,de;q=0.9,en;q=0.8"})

    assert "Diese Seite finden wir nicht" in page.text


async def test_another_method_is_refused_in_words(service: Service, client: httpx.AsyncClient) -> None:
    page = await client.put(service.link(Use.SURVEY, letter()))

    assert page.status_code == 405
    assert "We could not read this" in page.text


@pytest.mark.parametrize(("front", "back"), [("ink", "paper"), ("ink", "card"), ("ink", "tint"), ("soft", "paper"), ("soft", "card"), ("soft", "tint")])
def test_text_can_be_read_in_the_light_and_in_the_dark(front: str, back: str) -> None:
    assert [round(contrast(palette[front], palette[back]), 1) for palette in palettes() if contrast(palette[front], palette[back]) < 4.5] == []


@pytest.mark.parametrize(
    ("front", "back", "least"),
    [
        ("accent", "card", 4.5),
        ("accent", "paper", 4.5),
        ("on-accent", "accent", 4.5),
        ("wrong", "wrong-tint", 4.5),
        ("wrong", "card", 4.5),
        ("right", "right-tint", 4.5),
        ("edge", "card", 3),
        ("accent", "tint", 3),
        ("focus", "card", 3),
        ("focus", "paper", 3),
    ],
)
def test_controls_can_be_seen_in_the_light_and_in_the_dark(front: str, back: str, least: float) -> None:
    assert [round(contrast(palette[front], palette[back]), 2) for palette in palettes() if contrast(palette[front], palette[back]) < least] == []


def test_both_palettes_are_there() -> None:
    light, dark = palettes()

    assert light.keys() == dark.keys()
    assert luminance(light["paper"]) > 0.8
    assert luminance(dark["paper"]) < 0.05


def test_a_score_sounds_as_its_scale_says() -> None:
    assert [str(CSAT.mood(score)) for score in CSAT.scores] == ["low", "low", "middle", "high", "high"]
    assert [len(list(same)) for _, same in itertools.groupby(NPS.scores, NPS.mood)] == [7, 2, 2]
    assert set(map(NPS.mood, NPS.scores)) == set(Mood)
