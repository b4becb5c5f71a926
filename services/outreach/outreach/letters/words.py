"""The few fixed words around a letter, in the languages that we speak; other languages get the English ones."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """`{brand}` stands for the brand's name, `{score}` and `{of}` for numbers, `{word}` for what the number means."""

    why: Mapping[str, str]
    preferences: str
    unsubscribe: str
    score: str
    answer_here: str


ENGLISH = Words(
    why={
        "care": "You get this letter because you are a customer of {brand} and we care how things are going for you.",
        "survey": "You get this letter because you are a customer of {brand} and your opinion decides what we do better.",
        "promotion": "You get this letter because you agreed to hear about news and offers from {brand}.",
        "service": "You get this letter because it belongs to something that you asked of {brand}.",
    },
    preferences="Choose what we write about",
    unsubscribe="Unsubscribe",
    score="{score} of {of}: {word}",
    answer_here="Answer here",
)
GERMAN = Words(
    why={
        "care": "Du bekommst diesen Brief, weil du bei {brand} Kundin oder Kunde bist und uns wichtig ist, wie es dir mit uns geht.",
        "survey": "Du bekommst diesen Brief, weil du bei {brand} Kundin oder Kunde bist und deine Meinung entscheidet, was wir besser machen.",
        "promotion": "Du bekommst diesen Brief, weil du Neuigkeiten und Angebote von {brand} bekommen möchtest.",
        "service": "Du bekommst diesen Brief, weil er zu etwas gehört, worum du {brand} gebeten hast.",
    },
    preferences="Auswählen, wovon wir schreiben",
    unsubscribe="Abmelden",
    score="{score} von {of}: {word}",
    answer_here="Hier antworten",
)
SPOKEN = {"en": ENGLISH, "de": GERMAN}


def words_in(language: str) -> Words:
    """The words for a language tag such as `de-AT`."""
    return SPOKEN.get(language.split("-", maxsplit=1)[0], ENGLISH)


def why_in(language: str, purpose: str, brand: str) -> str:
    """Why somebody gets a letter of this purpose; an unknown purpose is taken for care."""
    why = words_in(language).why
    return why.get(purpose, why["care"]).format(brand=brand)
