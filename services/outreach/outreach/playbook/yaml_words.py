"""What the YAML parser says, in words for somebody who has never met one."""

import re

_WORDS: tuple[tuple[str, str], ...] = (
    (
        r"mapping values are not allowed here",
        'a ": " in the middle of a text, or a line that begins too far right: put the text in quotes, or line the keys up',
    ),
    (r"found character '\\t'|found a tab", "a tab: indent with spaces"),
    (r"found character '(.)'", 'a text that begins with "{0}" needs quotes around it'),
    (r"found unexpected end of stream", "a text whose closing quote is missing"),
    (r"could not find expected ':'", 'a line without ":": expected a key and its value'),
    (r"expected ',' or '(.)', but got '<stream end>'", 'the closing "{0}" is missing'),
    (r"expected ',' or '(.)'", 'expected "," or "{0}" here'),
    (r"expected <block end>, but found '<scalar>'", "something behind a text that has ended: are there quotes within quotes?"),
    (r"expected <block end>", "a line that does not stand in line with those before it"),
    (r"sequence entries are not allowed here", 'an entry ("- …") belongs on a line of its own'),
    (r"found unknown escape character '(.)'", '"\\{0}" means nothing inside double quotes: use single quotes'),
    (r"expected the node content", "a bracket that is not closed"),
    (r"expected '<document start>'", "something behind the end: is there a bracket too many?"),
    (r"expected chomping or indentation", 'a text behind ">" or "|" begins on the next line'),
)


def plain_words(said: str) -> str:
    """The parser's message in plain words, as it is where nothing better is known."""
    for pattern, words in _WORDS:
        if match := re.search(pattern, said):
            return words.format(*match.groups())
    return said
