"""The addresses in a mail, and whether each is well formed and leads where it should; nothing is asked of any other machine."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

from care_contracts.links import BadLink, LinkKeys, Use

from outreach.delivery.addresses import BadAddress, wire_address

PAGES = {"s": Use.SURVEY, "u": Use.UNSUBSCRIBE, "p": Use.PREFERENCES}
_IN_TEXT = re.compile(r"https?://[^\s<>()]+", re.IGNORECASE)
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Link:
    """An address, where it stands (html, text or both), the words that lead there, and what is wrong with it ("" for nothing)."""

    address: str
    where: str
    words: str
    problem: str
    signed: bool = False


class _Reader(HTMLParser):
    """Collects the links, pictures and anchors of an HTML part."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, str]] = []
        self.anchors: set[str] = set()
        self._open: str | None = None
        self._words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.anchors |= {named[name] or "" for name in ("id", "name") if name in named}
        if tag == "a" and "href" in named:
            self._open, self._words = named["href"] or "", []
        elif named.get("src") is not None:
            self.found.append((str(named["src"]), str(named.get("alt") or "a picture")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._open is not None:
            self.found.append((self._open, " ".join("".join(self._words).split())))
            self._open = None

    def handle_data(self, data: str) -> None:
        self._words.append(data)


@dataclass(frozen=True, slots=True)
class Signed:
    """How our own addresses are judged: they begin with `public_url` and must open at `now` (ms since 1970) for this command."""

    keys: LinkKeys
    public_url: str
    command_id: str
    now: int


def check_links(html: str, text: str, signed: Signed) -> tuple[Link, ...]:
    """Every address of both parts, once, in the order of the letter."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    words, in_text = dict(reversed(reader.found)), {found.rstrip(".,;:!?") for found in _IN_TEXT.findall(text)}
    found = dict.fromkeys([*(address for address, _ in reader.found), *sorted(in_text - words.keys())])
    return tuple(_judged(address, _where(address in words, address in in_text), words.get(address, ""), reader.anchors, signed) for address in found)


def _where(in_html: bool, in_text: bool) -> str:
    return "html and text" if in_html and in_text else "html" if in_html else "text"


def _judged(address: str, where: str, words: str, anchors: set[str], signed: Signed) -> Link:
    ours = address.startswith(f"{signed.public_url}/")
    problem = next(_signature(address, signed) if ours else _problems(address, anchors), "")
    return Link(address, where, words, problem, signed=ours and not problem)


def _signature(address: str, signed: Signed) -> Iterator[str]:
    page, _, rest = address.removeprefix(f"{signed.public_url}/").partition("/")
    try:
        if page not in PAGES or signed.keys.open(PAGES[page], urlsplit(rest).path, signed.now) != signed.command_id:
            yield "this is none of our signed pages"
    except BadLink as error:
        yield f"the signature is wrong: {error}"


def _problems(address: str, anchors: set[str]) -> Iterator[str]:
    if address.startswith("#"):
        if address[1:] not in anchors:
            yield "there is no such place in the letter"
        return
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        yield "this is no address"
        return
    if parts.scheme == "mailto":
        yield from _mailbox(unquote(parts.path))
    elif parts.scheme not in ("http", "https"):
        yield "expected an http, https or mailto address"
    elif not _HOST.fullmatch(_ascii(host)) or re.search(r"[\s<>\"]", address):
        yield "expected a host and no spaces"


def _mailbox(address: str) -> Iterator[str]:
    try:
        wire_address(address)
    except BadAddress:
        yield "expected an e-mail address after mailto:"


def _ascii(host: str) -> str:
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return ""
