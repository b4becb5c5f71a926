"""The one error of this package: where in which file, and what was expected; never a customer's data."""

import difflib
from collections.abc import Iterable


class LetterError(Exception):
    """`file` is relative to the playbook, `line` counts from 1 (0: the file as a whole), `message` says what was expected."""

    def __init__(self, file: str, line: int, message: str) -> None:
        super().__init__(f"{file}:{line}: {message}" if line else f"{file}: {message}")
        self.file = file
        self.line = line
        self.message = message

    def __reduce__(self) -> tuple[type["LetterError"], tuple[str, int, str]]:
        return LetterError, (self.file, self.line, self.message)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`: did you mean "x"?` when a known word is near, otherwise nothing."""
    near = difflib.get_close_matches(word, list(known), 1)
    return f': did you mean "{near[0]}"?' if near else ""
