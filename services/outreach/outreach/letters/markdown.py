"""The body of a letter: Markdown whose Jinja tags are set aside, parsed once and written as HTML and as plain text."""

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from outreach.letters.tags import MARK, Tags

STATEMENT = "statement"
_ADDRESSED = {"link_open": "href", "image": "src"}
LONGEST_ADDRESSES = 50_000  # all of them together: a reference may stand in many places
ADDRESS = re.compile(r"(https?://|mailto:)\S+", re.IGNORECASE)


class _Parser(MarkdownIt):
    """CommonMark that leaves addresses as they were typed, because tags may stand in them."""

    def __init__(self) -> None:
        super().__init__("commonmark", {"html": False})

    def normalizeLink(self, url: str) -> str:  # noqa: N802  # the name that markdown-it calls
        return url.strip()


class Markdown:
    """CommonMark without raw HTML. A line of nothing but `{% … %}` is no paragraph; a value inside an address is checked when it is shown."""

    def __init__(self, tags: Tags) -> None:
        self._tags = tags
        self._parser = _Parser()
        self._parser.core.ruler.push(STATEMENT, self._unwrap_statements)

    def parse(self, marked: str) -> list[Token]:
        """The tokens of the letter. Raises ValueError for a link that is not http, https or mailto."""
        tokens = self._parser.parse(self._statements_apart(marked))
        room = LONGEST_ADDRESSES
        for token, name in _addresses(tokens):
            room -= sum(len(str(value)) for value in token.attrs.values())
            if room < 0:
                raise ValueError(f"expected at most {LONGEST_ADDRESSES} characters in all links together")
            token.attrs[name] = self._checked(str(token.attrs[name]))
        return tokens

    def html(self, tokens: list[Token]) -> str:
        """The letter as HTML; the tags are still set aside."""
        return str(self._parser.renderer.render(tokens, self._parser.options, {}))

    def _statements_apart(self, marked: str) -> str:
        lines = marked.split("\n")
        return "\n".join(f"\n{line}\n" if self._tags.only_statements(line) else line for line in lines)

    def _unwrap_statements(self, state: StateCore) -> None:
        for before, token, after in zip(state.tokens, state.tokens[1:], state.tokens[2:], strict=False):
            if before.type == "paragraph_open" and self._tags.only_statements(token.content):
                before.hidden = after.hidden = True
                before.meta[STATEMENT] = True

    def _checked(self, href: str) -> str:
        """The address with its first tag made sure to be a web address, where it begins with one, and the others percent-encoded."""
        begins_with_value = bool(MARK.match(href))
        if not begins_with_value and not ADDRESS.match(href):
            raise ValueError(f'expected a link to an http, https or mailto address, got "{MARK.sub("…", href)}"')
        start = self._tags.filtered(href[0], "link") if begins_with_value else href[0]
        return start + MARK.sub(lambda found: self._tags.filtered(found.group(), "urlencode"), href[1:])


def _addresses(tokens: list[Token]) -> Iterator[tuple[Token, str]]:
    """The links and pictures, each with the attribute that holds its address."""
    for child in (child for token in tokens for child in token.children or ()):
        if child.type in _ADDRESSED:
            yield child, _ADDRESSED[child.type]
