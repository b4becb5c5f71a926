"""What the YAML parser says, in words for somebody who has never met one."""

import re
from collections.abc import Sequence

_WORDS: tuple[tuple[str, str], ...] = (
    (
        r"mapping values are not allowed",
        'a ": " in the middle of a text, or a line that begins too far right: put the text in quotes, or line the keys up',
    ),
    (r"cannot start any token \(\t\)|found a tab", "a tab: indent with spaces"),
    (r"cannot start any token \((.)\)", 'a text that begins with "{0}" needs quotes around it'),
    (r"found unexpected end of stream", "a text whose closing quote is missing"),
    (r"could not find expected ':'", 'a line without ":": expected a key and its value'),
    (r"did not find expected ',' or '(.)'", 'the closing "{0}" is missing, or a ","'),
    (r"did not find expected key", "a line that does not stand in line with those before it, or something behind a text that has ended"),
    (r"did not find expected '-' indicator", "a line that does not stand in line with those before it"),
    (r"sequence entries are not allowed", 'an entry ("- …") belongs on a line of its own'),
    (r"found unknown escape character", "a backslash that means nothing inside double quotes: use single quotes"),
    (r"did not find expected node content", "a bracket that is not closed, or one too many"),
    (r"did not find expected <document start>", "something behind the end: is there a bracket too many?"),
    (r"did not find expected comment or line break", 'a text behind ">" or "|" begins on the next line'),
)


def plain_words(said: str, line: Sequence[str] = (), column: int = 0) -> str:
    """The parser's message in plain words, as it is where nothing better is known; about a character at `column` (from 1) of the line."""
    character = "".join(line)[column - 1 : column]
    for pattern, words in _WORDS:
        if match := re.search(pattern, f"{said} ({character})"):
            return words.format(*match.groups())
    return said
