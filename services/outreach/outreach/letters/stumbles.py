"""Where Jinja stumbled in a template that it cannot read: it names a line only, so the way there is gone once more."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from jinja2 import Environment, TemplateSyntaxError

_GOT = re.compile(r"got '(.+)'")
_UNCLOSED = re.compile(r"innermost block that needs to be closed is '(\w+)'")
_BEGINS = ("variable_begin", "block_begin")
_ENDS = ("variable_end", "block_end")


@dataclass(frozen=True, slots=True)
class _Token:
    """A piece of the template from `start` on."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def stumbled(environment: Environment, source: str, said: str, line: int) -> tuple[int, str]:
    """The line (from 1) where the mistake stands, and what stands there from it on; the given line as a whole where nothing better is known.

    `source` is what Jinja could not read, `said` its message, `line` the one that it named.
    """
    tokens: list[_Token] = []
    try:
        for token in _tokens(environment, source):
            tokens.append(token)  # noqa: PERF402 # what could be read before it failed is wanted
    except TemplateSyntaxError:
        start = tokens[-1].end if tokens else 0
        start += len(source[start:]) - len(source[start:].lstrip())
    else:
        start = _start(environment, source, tokens, said)
    if start < 0:
        return line, ""
    return source.count("\n", 0, start) + 1, source[start:].split("\n", 1)[0]


def _tokens(environment: Environment, source: str) -> Iterator[_Token]:
    at = 0
    for _, kind, text in environment.lex(source):
        at = source.find(text, at)
        yield _Token(kind, text, at)
        at += len(text)


def _start(environment: Environment, source: str, tokens: list[_Token], said: str) -> int:
    if match := _UNCLOSED.search(said):
        return _opened(tokens, match[1])
    return next((_inside(tag, said) for tag in _tags(tokens) if _says(environment, source[tag[0].start : tag[-1].end]) == said), -1)


def _says(environment: Environment, source: str) -> str:
    try:
        environment.parse(source)
    except TemplateSyntaxError as error:
        return error.message or ""
    return ""


def _tags(tokens: list[_Token]) -> Iterator[list[_Token]]:
    """The tokens of each tag without its blanks; by itself a tag is as wrong as among the others."""
    tag: list[_Token] = []
    for token in tokens:
        if token.kind in _BEGINS:
            tag = [token]
        elif token.kind != "whitespace":
            tag.append(token)
        if token.kind in _ENDS:
            yield tag


def _inside(tag: list[_Token], said: str) -> int:
    """The place of the word that Jinja names, otherwise the tag's beginning; its end where something is missing before that."""
    got = _GOT.search(said)
    if got and got[1].startswith("end of"):
        return tag[-1].start
    named = [token for before, token in pairwise(tag) if got and token.text == got[1] and before.text not in (".", "|")]
    return (named or tag)[0].start


def _opened(tokens: list[_Token], name: str) -> int:
    """The beginning of the last such tag that nothing closes."""
    open_at: list[int] = []
    begin = -1
    for token in tokens:
        if token.kind == "block_begin":
            begin = token.start
        elif token.kind == "name" and begin >= 0:
            if token.text == name:
                open_at.append(begin)
            elif token.text == f"end{name}" and open_at:
                open_at.pop()
            begin = -1
    return open_at[-1] if open_at else -1
