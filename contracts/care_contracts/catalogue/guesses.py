"""What was probably meant when a field does not fit; an empty text where nothing can be guessed."""

import re
from functools import lru_cache
from typing import Any

from care_contracts.catalogue import checks
from care_contracts.catalogue.countries import COUNTRIES
from care_contracts.problems import closest

_number = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_OTHER_COUNTRIES = {"UK": "GB", "EL": "GR", "USA": "US", "GER": "DE"}


def _did_you_mean(word: str, fits: object) -> str:
    return f'did you mean "{word}"?' if fits else ""


def quoted(value: Any) -> str:
    """A number where text is expected lacks its quotes."""
    return "put it in quotes" if isinstance(value, int | float) and not isinstance(value, bool) else ""


def unquoted(value: Any) -> str:
    """A number in quotes has two characters too many."""
    return "write the number without quotes" if isinstance(value, str) and _number.fullmatch(value) else ""


def yes_or_no(value: Any) -> str:
    """Words and numbers that stand for true or false elsewhere."""
    return "write true or false, without quotes" if str(value).lower() in {"true", "false", "yes", "no", "0", "1"} else ""


def zoned(value: Any) -> str:
    """A time without a zone is the usual mistake; a date alone the next."""
    if not isinstance(value, str) or len(value) > 40:
        return ""
    if fits_with("Z", value):
        return 'add the zone, such as "Z" for UTC'
    return "add the time of day and the zone" if fits_with("T00:00:00Z", value) else ""


def fits_with(ending: str, value: str) -> bool:
    """Whether a text becomes a time when something is appended to it."""
    try:
        return checks.moment(value.replace(" ", "T") + ending)
    except ValueError:
        return False


def capitals(value: Any) -> str:
    """The same in capitals."""
    return _did_you_mean(value.upper(), checks.currency(value.upper())) if isinstance(value, str) else ""


def nearest_country(value: Any) -> str:
    """The code that is usually meant."""
    code = _OTHER_COUNTRIES.get(value.upper(), value.upper()) if isinstance(value, str) else ""
    return _did_you_mean(code, code in COUNTRIES)


def hyphened(value: Any) -> str:
    """`en_GB` is how operating systems spell it."""
    word = value.split(".")[0].replace("_", "-") if isinstance(value, str) else ""
    return _did_you_mean(word, checks.language(word) and word != value)


def nearest_zone(value: Any) -> str:
    """The most similar name."""
    return _nearest_zone(value) if isinstance(value, str) else ""


@lru_cache(256)
def _nearest_zone(value: str) -> str:
    """Takes 3 ms, and a system that spells a zone wrong does so in every event."""
    return closest(value, checks.zones())
