"""Letters ready to be rendered: each compiled once, then a few dozen microseconds per customer."""

import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import Template, TemplateError, UndefinedError

from outreach.core.policy import Brand
from outreach.letters.errors import LetterError
from outreach.letters.plain import plain
from outreach.letters.plaintext import fold
from outreach.letters.sandbox import Refused
from outreach.letters.variables import Variable
from outreach.letters.words import why_in

LARGEST_HTML = 102_000
LONGEST_SUBJECT = 200
ALWAYS = ("customer", "event", "answer", "reward", "links")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A letter to one customer; `language` is the one it is written in, `subject` and `preheader` are single lines."""

    subject: str
    preheader: str
    text: str
    html: str
    language: str


@dataclass(frozen=True, slots=True)
class Part:
    """One compiled part of a letter, and for its lines the file and line that they come from."""

    template: Template
    places: Mapping[int, tuple[str, int]]

    def render(self, values: Mapping[str, Any], variables: tuple[Variable, ...]) -> str:
        """The part for these values; raises LetterError without the values in it."""
        try:
            return self.template.render(values)
        except (TemplateError, TypeError, ValueError, ArithmeticError, RecursionError) as error:
            file, line = self._place(error)
            raise LetterError(file, line, _plain_words(error, [name for name in _needed(variables, file, line) if not _there(values, name)])) from None

    def _place(self, error: BaseException) -> tuple[str, int]:
        lines = [number for frame, number in traceback.walk_tb(error.__traceback__) if frame.f_code.co_filename == self.template.filename]
        return self.places.get(lines[-1] if lines else 0, (self.template.name or "", 0))


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter in one language; `survey` is the name of the survey that it shows, `variables` is what it needs to know."""

    name: str
    language: str
    file: str
    survey: str
    variables: tuple[Variable, ...]
    subject: Part
    preheader: Part
    text: Part
    html: Part


@dataclass(frozen=True)
class Letters:
    """All letters of a playbook by name and language, and everything that is wrong with the others (`problems`).

    `written` names the survey ("" for none) of every letter by name and language, those with mistakes included.
    """

    brand: Brand
    fallback: str
    letters: Mapping[str, Mapping[str, Letter]]
    written: Mapping[str, Mapping[str, str]]
    problems: tuple[LetterError, ...] = ()

    def render(self, name: str, language: str, context: Mapping[str, Any]) -> Rendered:
        """The letter for one customer, in their language or the nearest one.

        `context` holds `customer`, `event`, `answer` and `reward` as far as they exist; `links` with the addresses `preferences`, `unsubscribe` and,
        where the letter has one, `survey`; `why` (the rule's own words) or `purpose`, from which they follow. Raises LetterError.
        """
        letter = self.find(name, language)
        values = self._values(letter, context)
        subject = " ".join(letter.subject.render(values, letter.variables).split())[:LONGEST_SUBJECT]
        preheader = " ".join(letter.preheader.render(values, letter.variables).split())
        html = letter.html.render({**values, "subject": subject, "preheader": preheader, "language": letter.language}, letter.variables)
        if len(html.encode()) > LARGEST_HTML:
            raise LetterError(letter.file, 0, f"expected at most {LARGEST_HTML} bytes of HTML, because mail programs cut off what is longer")
        return Rendered(subject, preheader, fold(letter.text.render(values, letter.variables)), html, letter.language)

    def find(self, name: str, language: str) -> Letter:
        """The letter in `de-AT`, else `de`, else the fallback language; raises LetterError when there is none."""
        versions = self.letters.get(name, {})
        for tag in nearest(language, self.fallback):
            if tag in versions:
                return versions[tag]
        raise LetterError(f"letters/{name}.md", 0, "expected a letter without mistakes, got none")

    def _values(self, letter: Letter, context: Mapping[str, Any]) -> dict[str, Any]:
        values = plain(context)
        for name in ALWAYS:
            values.setdefault(name, {})
        values["brand"] = {"name": self.brand.name, "address": self.brand.address, "reply_to": self.brand.reply_to or self.brand.from_}
        values.setdefault("why", why_in(letter.language, str(values.get("purpose", "")), self.brand.name))
        return dict(values)


def nearest(language: str, fallback: str) -> Iterator[str]:
    """`de-AT`, `de`, then the fallback, for however the tag was spelled."""
    primary, *rest = language.replace("_", "-").split("-")
    yield "-".join([primary.lower(), *(part.upper() if len(part) == 2 else part.title() for part in rest)])
    yield primary.lower()
    yield fallback


def _needed(variables: tuple[Variable, ...], file: str, line: int) -> list[str]:
    return sorted({variable.name for variable in variables if (variable.file, variable.line) == (file, line) and not variable.has_default})


def _there(values: Any, name: str) -> bool:
    """Whether the values hold a dotted name; entries of lists are taken to lack something."""
    for field in name.split("."):
        if not isinstance(values, dict) or field not in values:
            return False
        values = values[field]
    return True


def _plain_words(error: BaseException, missing: list[str]) -> str:
    if isinstance(error, Refused):
        return str(error)
    if isinstance(error, UndefinedError):
        return f'expected a value for {" or ".join(missing) or "every name"}, got none: give it a | default("…") or ask {{% if … %}} first'
    return f"expected values that fit together, got {type(error).__name__}"
