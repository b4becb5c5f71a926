"""What customers read, in every language there is, and which language a customer reads."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

LANGUAGES = ("en", "de")

Words = Mapping[str, Any]


def load_words(language: str, brand: str) -> Words:
    """A language's words with the brand's name put in; without one, the words for a brand without a name."""
    words = tomllib.loads((files(__package__) / f"{language}.toml").read_text(encoding="utf-8"))
    name = brand or words["page"]["brand"]
    words["page"]["brand"] = name
    filled: Words = _filled(words, name)
    return filled


def _filled(value: Any, brand: str) -> Any:
    if isinstance(value, dict):
        return {key: _filled(inner, brand) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, brand) for inner in value]
    return value.replace("{brand}", brand)


def language_for(wish: str, accepted: str = "") -> str:
    """The language of a page: the customer's own (BCP 47), else the best of an Accept-Language header (RFC 9110, 12.5.4), else English."""
    for tag in (wish, *_by_preference(accepted)):
        if (primary := tag.strip().lower().partition("-")[0]) in LANGUAGES:
            return primary
    return LANGUAGES[0]


def _by_preference(accepted: str) -> list[str]:
    """The tags of an Accept-Language header, best first; those with quality 0 are not wanted."""
    weighted = [(_quality(parameters), tag) for tag, _, parameters in (part.partition(";") for part in accepted.split(","))]
    return [tag for quality, tag in sorted(weighted, key=lambda each: -each[0]) if quality > 0]


def _quality(parameters: str) -> float:
    name, _, number = parameters.strip().partition("=")
    try:
        return float(number) if name == "q" else 1.0
    except ValueError:
        return 0.0
