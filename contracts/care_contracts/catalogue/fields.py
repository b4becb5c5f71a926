"""The kinds of fields that events are made of: ids, lines, money, times, zones, countries, addresses."""

from typing import Annotated, Any

from care_contracts.catalogue import checks, guesses
from care_contracts.catalogue.shapes import Kind, Shape

ID_LENGTH = 128
_LINE = "text on one line, at most 500 characters"
_TEXT = "text of at most 20000 characters"


def _known(expected: str, fits: Any, meant: Any, schema: dict[str, Any], kind: Kind = "string") -> Shape:
    """A shape whose values come from a public list or format and are nobody's secret."""
    return Shape(kind, expected, fits, meant, schema, spoken=True)


def _number(expected: str, fits: Any, **bounds: float) -> Shape:
    return Shape("number", expected, fits, guesses.unquoted, bounds, spoken=True)


ID_SHAPE = Shape(
    "string",
    f"text of 1 to {ID_LENGTH} printable characters, without blanks around it",
    checks.identifier,
    guesses.quoted,
    {"minLength": 1, "maxLength": ID_LENGTH, "pattern": r"^\S(.*\S)?$"},
)
TIME_SHAPE = _known('a time with its zone, such as "2026-03-02T10:00:00Z" (RFC 3339)', checks.moment, guesses.zoned, {"format": "date-time"}, "time")
_line_schema = {"maxLength": 500, "pattern": checks.ONE_LINE}
_text_schema = {"maxLength": 20_000}

Id = Annotated[str, ID_SHAPE]
Line = Annotated[str, Shape("string", _LINE, checks.line, guesses.quoted, _line_schema)]
PersonalLine = Annotated[str, Shape("string", _LINE, checks.line, guesses.quoted, _line_schema, personal=True)]
Text = Annotated[str, Shape("string", _TEXT, checks.text, guesses.quoted, _text_schema)]
PersonalText = Annotated[str, Shape("string", _TEXT, checks.text, guesses.quoted, _text_schema, personal=True)]
Flag = Annotated[bool, Shape("boolean", "true or false", meant=guesses.yes_or_no, spoken=True)]

Number = Annotated[float, _number("a number", checks.finite)]
Money = Annotated[float, _number("an amount of money as a number, such as 19.90", checks.finite)]
Amount = Annotated[float, _number("a number of at least 0", checks.amount, minimum=0)]
Rating = Annotated[float, _number("a number from 1 to 5", checks.rating, minimum=1, maximum=5)]
Attempt = Annotated[int, Shape("integer", "a whole number of at least 1", checks.attempt, guesses.unquoted, {"minimum": 1}, spoken=True)]

Moment = Annotated[str, TIME_SHAPE]
Birthday = Annotated[str, Shape("date", 'a date, such as "1990-12-31"', checks.day, schema={"format": "date"}, personal=True)]
Email = Annotated[str, Shape("string", "an e-mail address", checks.email, schema={"format": "email"}, personal=True)]
Url = Annotated[
    str,
    Shape("string", 'a web address that begins with "https://" or "http://"', checks.url, schema={"format": "uri", "pattern": "^https?://", "maxLength": 2000}),
]
Currency = Annotated[str, _known('a currency of three capitals, such as "EUR" (ISO 4217)', checks.currency, guesses.capitals, {"pattern": checks.CURRENCY})]
Country = Annotated[str, _known('a country of two capitals, such as "GB" (ISO 3166-1)', checks.country, guesses.nearest_country, {"pattern": "^[A-Z]{2}$"})]
Language = Annotated[str, _known('a language, such as "en" or "de-AT" (BCP 47)', checks.language, guesses.hyphened, {"pattern": checks.LANGUAGE})]
Zone = Annotated[str, _known('a time zone, such as "Europe/London" (IANA)', checks.zone, guesses.nearest_zone, {"pattern": "^[A-Za-z0-9_+/-]+$"})]
