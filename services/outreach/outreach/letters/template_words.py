"""What Jinja says about a template that it cannot read, in words for somebody who has never met it."""

import re

_WORDS: tuple[tuple[str, str], ...] = (
    (r"unexpected '([})\]])'", 'a "{0}" without its beginning, or "}}}}" or "%}}" is cut short'),
    (r"expected token 'end of print statement', got '(.+)'", 'something behind the name that does not belong there: "{0}"'),
    (r"expected token '(.+)', got '(.+)'", 'expected "{0}", got "{1}"'),
    (r"unexpected char '(.)'", 'a "{0}" that means nothing here'),
    (r"unknown tag '(.+?)'", 'unknown tag "{0}"'),
    (r"[Uu]nexpected end of template.*innermost block that needs to be closed is '(.+?)'", "{{% {0} … %}} that is never closed: expected {{% end{0} %}}"),
    (r"[Uu]nexpected end of template", "a tag that is not closed at the end of the letter"),
    (r"Missing end of comment tag", 'a "{{#" without "#}}"'),
    (r"Expected an expression, got 'end of (?:print )?statement'", "nothing between the braces"),
)
TAGS = ("if", "elif", "else", "endif", "for", "endfor")
_TAG = re.compile(r"unknown tag '(\w+)'")


def plain_words(said: str) -> str:
    """Jinja's message in plain words, as it is where nothing better is known."""
    for pattern, words in _WORDS:
        if match := re.search(pattern, said):
            return words.format(*match.groups())
    return said


def unknown_tag(said: str) -> str:
    """The tag of `{% tag %}` that Jinja does not know, "" when that is not what it says."""
    match = _TAG.search(said)
    return match[1] if match else ""
