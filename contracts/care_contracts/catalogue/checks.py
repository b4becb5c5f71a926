"""The checks behind the kinds of fields; each is true for a fit value, and false or a ValueError for an unfit one."""

import math
import re
from datetime import date, datetime
from functools import cache
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from care_contracts.catalogue.countries import COUNTRIES

ONE_LINE = "^[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]*$"
CURRENCY = "^[A-Z]{3}$"
LANGUAGE = "^[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?(-[A-Za-z0-9]{5,8})*$"

_one_line = re.compile(ONE_LINE)
_currency = re.compile(CURRENCY)
_language = re.compile(LANGUAGE)
_rfc3339 = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})")


def identifier(value: str) -> bool:
    """No control or invisible characters and no blanks at either end: two spellings would be two customers."""
    return 1 <= len(value) <= 128 and value.isprintable() and value == value.strip()


def line(value: str) -> bool:
    """No control characters and no line breaks: it may end up in the subject of a letter."""
    return len(value) <= 500 and _one_line.fullmatch(value) is not None


def text(value: str) -> bool:
    """Of a length that a person would write."""
    return len(value) <= 20_000


def finite(value: float) -> bool:
    """Neither infinite nor NaN."""
    return math.isfinite(value)


def amount(value: float) -> bool:
    """Finite and not negative."""
    return math.isfinite(value) and value >= 0


def rating(value: float) -> bool:
    """Stars."""
    return 1 <= value <= 5


def attempt(value: int) -> bool:
    """Counted from 1."""
    return value >= 1


def moment(value: str) -> bool:
    """RFC 3339 with a zone, not before 1970: an earlier moment is a zero that went wrong."""
    return _rfc3339.fullmatch(value) is not None and datetime.fromisoformat(value).timestamp() >= 0


def day(value: str) -> bool:
    """A full-date of RFC 3339."""
    return date.fromisoformat(value).isoformat() == value


def email(value: str) -> bool:
    """The syntax only (RFC 5321, 6531), without asking the DNS; `.test` is welcome, because staging systems use it."""
    from email_validator import validate_email  # noqa: PLC0415 # 15 ms that only readers of customers' addresses shall pay

    return bool(validate_email(value, check_deliverability=False, test_environment=True))


def url(value: str) -> bool:
    """A web address: what a letter links to must be neither a script nor a file."""
    parts = urlsplit(value)
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and len(value) <= 2000 and value.isprintable() and " " not in value


def currency(value: str) -> bool:
    """Three capitals (ISO 4217)."""
    return _currency.fullmatch(value) is not None


def country(value: str) -> bool:
    """Assigned by ISO 3166-1."""
    return value in COUNTRIES


def language(value: str) -> bool:
    """Language, script, region and variants of BCP 47 (RFC 5646)."""
    return len(value) <= 35 and _language.fullmatch(value) is not None


@cache
def zones() -> frozenset[str]:
    """The names of the IANA time zone database."""
    return frozenset(available_timezones())


def zone(value: str) -> bool:
    """A name of the IANA time zone database."""
    return value in zones()
