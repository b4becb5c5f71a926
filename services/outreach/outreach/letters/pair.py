"""Letters written with full control: an HTML file of one's own beside a text file with the front matter, in the same sandbox and limits."""

import re
from collections.abc import Callable, Iterator
from typing import NoReturn

from outreach.letters.errors import LetterError
from outreach.letters.markdown import ADDRESS
from outreach.letters.tags import MARK, Tags
from outreach.letters.variables import ROOTS, Variable

LARGEST_HTML_FILE = 65_536
TEXT_ROOTS = ROOTS | {"why"}
HTML_ROOTS = TEXT_ROOTS | {"subject", "preheader", "language"}
DECENT = ("why", "links.preferences", "links.unsubscribe")  # what every letter carries
_FORBIDDEN = frozenset({"script", "iframe", "frame", "object", "embed", "applet", "form", "base", "link", "svg", "math"})
_ADDRESSES = frozenset({"href", "src", "background", "action", "poster", "cite", "longdesc", "data", "srcset", "xlink:href"})
_RAW = frozenset({"style"})
_ENCLOSED = (("<!--", "-->"), ("<!", ">"), ("<?", ">"), ("</", ">"))
_ELEMENT = re.compile(r"""<([a-zA-Z][^\s/>"'<]*)((?:"[^"]*"|'[^']*'|[^"'>]++)*+)>""")
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]+)(?:(\s*=\s*)("[^"]*"|'[^']*'|[^\s"'>]+))?""")


def html_name(text_file: str) -> str:
    """The HTML file that belongs to a text file: `letters/sale.de.html.j2`."""
    return f"{text_file.removesuffix('.txt.j2')}.html.j2"


def text_name(html_file: str) -> str:
    """The text file that belongs to an HTML file: `letters/sale.de.txt.j2`."""
    return f"{html_file.removesuffix('.html.j2')}.txt.j2"


def missing_decency(variables: list[Variable], file: str, survey: str) -> Iterator[LetterError]:
    """What a letter owes everybody who gets it and does not say."""
    said = {variable.name for variable in variables}
    for name in (*DECENT, *(["links.survey"] if survey else [])):
        if name not in said:
            yield LetterError(file, 0, f"expected {{{{ {name} }}}} somewhere in the letter")


def with_safe_values(marked: str, tags: Tags, file: str) -> str:
    """The HTML with every value in an address checked when it is shown. Raises LetterError where a value, or an element, has no place."""
    return "".join(_Reader(marked, tags, file).read())


class _Reader:
    """Goes through the HTML once; values are welcome between elements and in quoted attributes, and nowhere else.

    What is not closed is refused, so that nobody reads it in another way than we do, and so that reading takes linear time
    (the standard library's parser takes a minute for 60 KB of unfinished elements).
    """

    def __init__(self, marked: str, tags: Tags, file: str) -> None:
        self._marked, self._tags, self._file = marked, tags, file
        self._place = 0

    def read(self) -> Iterator[str]:
        """The HTML, piece by piece, with the addresses changed."""
        done = 0
        while (place := self._marked.find("<", done)) >= 0:
            self._place = place
            yield self._marked[done:place]
            done = self._end()
            yield self._piece(self._marked[place:done])
        yield self._marked[done:]

    def _end(self) -> int:
        """Where the piece ends that begins here."""
        for opening, closing in _ENCLOSED:
            if self._marked.startswith(opening, self._place):
                return self._after(closing)
        after = self._marked[self._place + 1 : self._place + 2]
        if after.isascii() and not after.isalpha():
            return self._place + 1  # a sign, such as in 1 < 2
        found = _ELEMENT.match(self._marked, self._place)
        if MARK.match(after) or not found:
            self._refuse("expected the name of an element after <, and > at its end, with every quotation mark closed")
        return self._after(f"</{found[1]}>") if found[1].lower() in _RAW else found.end()

    def _after(self, closing: str) -> int:
        place = self._marked.find(closing, self._place)
        if place < 0:
            self._refuse(f"expected {closing} somewhere behind it")
        return place + len(closing)

    def _piece(self, piece: str) -> str:
        found = _ELEMENT.match(piece)
        if not found:
            self._no_value(piece, "a comment, a declaration or the end of an element")
            return piece
        name = found[1].lower()
        if name in _FORBIDDEN:
            self._refuse(f"expected a letter without <{name}>, which no mail program shows")
        self._no_value(found[1], "the name of an element")
        self._no_value(piece[found.end() :], f"<{name}>")
        return f"<{found[1]}{_ATTRIBUTE.sub(self._attribute, found[2])}>{piece[found.end() :]}"

    def _attribute(self, found: re.Match[str]) -> str:
        name, equals, value = found[1], found[2], found[3]
        self._no_value(name, "the name of an attribute")
        if value is None:
            return found[0]
        if name.lower().startswith("on"):
            self._refuse(f"expected a letter without {name}, which no mail program runs")
        if value[0] not in "\"'" or name.lower() == "style":
            self._no_value(value, "a style" if name.lower() == "style" else "an attribute without quotes")
        elif name.lower() in _ADDRESSES:
            value = value[0] + self._address(value[1:-1]) + value[-1]
        return f"{name}{equals}{value}"

    def _address(self, address: str) -> str:
        """As in Markdown: what the address begins with decides where it leads, and the rest cannot change that."""
        address = address.strip()
        first = self._tags[address[0]] if MARK.match(address) else None
        if not (ADDRESS.match(address) or address.startswith(("#", "data:image/")) or (first and first.is_value)):
            self._refuse(f'expected an http, https or mailto address, got "{MARK.sub("…", address)}"')
        start = self._tags.filtered(address[0], "link") if first else address[:1]
        return start + MARK.sub(self._encoded, address[1:])

    def _encoded(self, found: re.Match[str]) -> str:
        return self._tags.filtered(found.group(), "urlencode") if self._tags[found.group()].is_value else found.group()

    def _no_value(self, text: str, where: str) -> None:
        for mark in MARK.findall(text):
            if self._tags[mark].is_value:
                raise LetterError(self._file, self._tags[mark].line, f"a value has no place in {where}: put it between elements or into a quoted attribute")

    def _refuse(self, message: str) -> NoReturn:
        raise LetterError(self._file, self._marked.count("\n", 0, self._place) + 1, message)


def without_empty_lines(marked: str, only_statements: Callable[[str], bool]) -> str:
    """The text with no line for a line of nothing but `{% … %}`."""
    return "".join(line.rstrip("\n") if only_statements(line) else line for line in marked.splitlines(keepends=True))
