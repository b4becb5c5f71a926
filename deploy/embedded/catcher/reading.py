"""What can be read in a caught mail: its headers, its parts and the links in them."""

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser

_URL = re.compile(r"https?://[^\s<>\"']+")


@dataclass(frozen=True)
class Letter:
    """A mail taken apart; `links` in order, those of the text part first, each once."""

    headers: list[tuple[str, str]]
    text: str
    html: str
    links: list[str]


class _Hrefs(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part else ""


def read(raw: bytes) -> Letter:
    """Takes a mail apart, with every header line as it reads after decoding."""
    message = message_from_bytes(raw, policy=default)
    text, html = _body(message, "plain"), _body(message, "html")
    links = [url.rstrip(".,;:)]*") for url in _URL.findall(text)] + [url for url in _Hrefs(html).found if url.startswith("http")]
    return Letter([(name, str(value)) for name, value in message.items()], text, html, list(dict.fromkeys(links)))
