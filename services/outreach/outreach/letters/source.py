"""A letter's file: which letter in which language, its front matter and its body, each with the line where it begins."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from outreach.letters.errors import LetterError, unknown
from outreach.letters.yaml import read_yaml

LARGEST_FILE = 24_576
KEYS = ("subject", "preheader", "survey")
_NAME = re.compile(r"(?P<name>[a-z0-9][a-z0-9-]*)(?:\.(?P<language>[a-z]{2,3}(?:-[A-Za-z0-9]+)*))?\.(?:md|txt\.j2)")
_FRONT = re.compile(r"---[ \t]*\n(?P<front>.*?\n)---[ \t]*(?:\n|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the file and the line where it begins."""

    text: str = ""
    line: int = 1


@dataclass(frozen=True, slots=True)
class Source:
    """One letter in one language as it was written."""

    file: str
    name: str
    language: str
    subject: Piece
    preheader: Piece
    body: Piece
    survey: str = ""


def names_of(file: str, fallback: str) -> tuple[str, str]:
    """The letter's name and its language, which is the fallback where the file's name has none. Raises LetterError."""
    named = _NAME.fullmatch(PurePosixPath(file).name)
    if not named:
        raise LetterError(file, 0, "expected a file name such as checkin.md or checkin.de.md")
    return named["name"], named["language"] or fallback


def read_source(text: str, file: str, fallback: str) -> Source:
    """The parts of a letter's file. Raises LetterError."""
    name, language = names_of(file, fallback)
    if len(text.encode()) > LARGEST_FILE:
        raise LetterError(file, 0, f"expected at most {LARGEST_FILE // 1024} KB")
    text = text.replace("\r\n", "\n")
    front = _FRONT.match(text)
    if not front:
        raise LetterError(file, 1, "expected the letter to begin with ---, subject: … and ---", "key")
    data, lines = read_yaml(front["front"], file, 2)
    for key, value in data.items():
        _check(str(key), value, file, lines.get(str(key), 2))
    if "subject" not in data:
        raise LetterError(file, 2, "expected a subject", "key")
    pieces = {key: Piece(data.get(key, ""), lines.get(key, 2)) for key in KEYS}
    body = Piece(text[front.end() :], text.count("\n", 0, front.end()) + 1)
    return Source(file, name, language, pieces["subject"], pieces["preheader"], body, pieces["survey"].text)


def _check(key: str, value: object, file: str, line: int) -> None:
    if key not in KEYS:
        raise unknown(file, line, "key", key, KEYS)
    if not isinstance(value, str) or not value.strip():
        raise LetterError(file, line, f"expected {key} to be a text", "key", key)
