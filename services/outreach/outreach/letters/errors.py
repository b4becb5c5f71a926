"""The one error of this package: where in which file, and what was expected; never a customer's data."""

import difflib
from collections.abc import Iterable


class LetterError(Exception):
    """`file` is relative to the playbook, `line` counts from 1 (0: the file as a whole), `message` says what was expected.

    `about` is what a mistaken `word` of the file was meant to be (filter, tag, key, survey, name), `near` the known word that comes closest to it;
    for what cannot be read, `word` is the rest of its line.
    """

    def __init__(self, file: str, line: int, message: str, about: str = "", word: str = "", near: str = "") -> None:
        hint = f': did you mean "{near}"?' if near else ""
        super().__init__(f"{file}:{line}: {message}{hint}" if line else f"{file}: {message}{hint}")
        self.file = file
        self.line = line
        self.plain = message
        self.message = f"{message}{hint}"
        self.about = about
        self.word = word
        self.near = near

    def __reduce__(self) -> tuple[type["LetterError"], tuple[str, int, str, str, str, str]]:
        return LetterError, (self.file, self.line, self.plain, self.about, self.word, self.near)


def unknown(file: str, line: int, about: str, word: str, known: Iterable[str]) -> LetterError:
    """The error that a word is not among those known."""
    return LetterError(file, line, f'unknown {about} "{word}"', about, word, closest(word, known))


def closest(word: str, known: Iterable[str]) -> str:
    """The known word that is near, or an empty text."""
    return next(iter(difflib.get_close_matches(word, list(known), 1)), "")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`: did you mean "x"?` when a known word is near, otherwise nothing."""
    near = closest(word, known)
    return f': did you mean "{near}"?' if near else ""
