"""Jinja tags set aside as one private character each, while Markdown and CSS tools work on the text around them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from jinja2 import Environment

FIRST, LAST = 0xE000, 0xF8FF
MOST = 2000
MARK = re.compile("[\ue000-\uf8ff]")
_LOOKS_LIKE_A_TAG = re.compile(r"\{(?=[{%#])")


class TooManyTags(ValueError):
    """More tags than a letter needs; there are only so many private characters."""


@dataclass(frozen=True, slots=True)
class Tag:
    """One `{{ value }}` or `{% statement %}` and where it stood."""

    opener: str
    inner: str
    closer: str
    file: str
    line: int

    @property
    def is_value(self) -> bool:
        """Whether it shows something, rather than choosing or repeating."""
        return self.opener.startswith("{{")


@dataclass(frozen=True, slots=True)
class Woven:
    """A template source, and for its lines the file and line that they come from."""

    source: str
    places: Mapping[int, tuple[str, int]]


class Tags:
    """The tags set aside so far; each is known by its character."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._tags: list[Tag] = []

    def __getitem__(self, mark: str) -> Tag:
        return self._tags[ord(mark) - FIRST]

    def set_aside(self, source: str, file: str, line: int) -> str:
        """The source with each tag replaced by its character; comments vanish. Raises TemplateSyntaxError."""
        parts, inside = [], None
        for number, kind, text in self._environment.lex(MARK.sub("", source)):
            if kind in ("variable_begin", "block_begin"):
                inside = Tag(text, "", "", file, line + number - 1)
            elif kind in ("variable_end", "block_end") and inside:
                parts.append(self._keep(replace(inside, closer=text)))
                inside = None
            elif inside:
                inside = replace(inside, inner=inside.inner + text)
            elif kind == "data":
                parts.append(text)
        return "".join(parts)

    def only_statements(self, text: str) -> bool:
        """Whether there is nothing but `{% … %}` in it."""
        marks = MARK.findall(text)
        return bool(marks) and not MARK.sub("", text).strip() and not any(self[mark].is_value for mark in marks)

    def filtered(self, mark: str, name: str) -> str:
        """The character of the same value passed through one more filter."""
        tag = self[mark]
        return self._keep(replace(tag, inner=f" ({tag.inner}) | {name} "))

    def put_back(self, marked: str) -> Woven:
        """The template source. Every tag begins a line of its own inside its braces, so that a line number says which tag it was."""
        parts, places, line = [], {}, 1
        for text, tag in self._pieces(marked):
            parts.append(text)
            line += text.count("\n")
            if tag:
                parts.append(f"{tag.opener}\n{tag.inner}{tag.closer}")
                places.update(dict.fromkeys(range(line, line + 2 + tag.inner.count("\n")), (tag.file, tag.line)))
                line += 1 + tag.inner.count("\n")
        return Woven("".join(parts), places)

    def _pieces(self, marked: str) -> Iterator[tuple[str, Tag | None]]:
        start = 0
        for found in MARK.finditer(marked):
            yield _literal(marked[start : found.start()]), self[found.group()]
            start = found.end()
        yield _literal(marked[start:]), None

    def _keep(self, tag: Tag) -> str:
        if len(self._tags) >= MOST:
            raise TooManyTags(f"expected at most {MOST} tags")
        self._tags.append(tag)
        return chr(FIRST + len(self._tags) - 1)


def _literal(text: str) -> str:
    """Text that is not a tag, even if it looks like one after Markdown and CSS have been at it."""
    return _LOOKS_LIKE_A_TAG.sub('{{ "{" }}', text)
