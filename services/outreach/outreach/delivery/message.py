"""A message as the bytes that go over the wire: RFC 5322 headers and MIME parts, built by hand so that no library folds or encodes a URL."""

import binascii
import re
from dataclasses import dataclass, field
from email.header import Header
from email.utils import format_datetime

from care_contracts.clock import from_ms

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_PHRASE = re.compile(r"[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]*")
_MAX_LINE = 998


class BadHeader(ValueError):
    """A header's value cannot be put on the wire."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is written to whom. `date` in ms since 1970; addresses are bare; `headers` are further ASCII headers, as they shall appear."""

    message_id: str
    date: int
    sender_name: str
    sender: str
    recipient: str
    subject: str
    text: str
    html: str = ""
    reply_to: str = ""
    language: str = ""
    headers: tuple[tuple[str, str], ...] = field(default=())


def as_bytes(message: Message) -> bytes:
    """The message with CRLF line ends, none longer than 998 bytes; raises BadHeader, or ValueError for an unencodable text."""
    # The boundary cannot occur in a part: quoted-printable never leaves an equals sign before an underscore.
    boundary = f"=_{message.message_id.partition('@')[0]}"
    head = [_header(name, value) for name, value in _headers(message) if value]
    if not message.html:
        return b"".join([*head, *_part("plain", message.text)])
    kind = _header("Content-Type", f'multipart/alternative; boundary="{boundary}"')
    line = f"--{boundary}\r\n".encode()
    return b"".join([*head, kind, b"\r\n", line, *_part("plain", message.text), line, *_part("html", message.html), f"--{boundary}--\r\n".encode()])


def clean(text: str) -> str:
    """One line without control characters: what came from outside cannot begin a header of its own."""
    return _CONTROL.sub(" ", text).strip()


def _headers(message: Message) -> list[tuple[str, str]]:
    return [
        ("Message-ID", f"<{message.message_id}>"),
        ("Date", format_datetime(from_ms(message.date))),
        ("From", _mailbox(message.sender_name, message.sender)),
        ("Reply-To", message.reply_to),
        ("To", message.recipient),
        ("Subject", _unstructured(message.subject)),
        ("Content-Language", message.language),
        *message.headers,
        ("MIME-Version", "1.0"),
    ]


def _header(name: str, value: str) -> bytes:
    """One header; only encoded words are folded, and only at their own line ends."""
    raw = f"{name}: {value}\r\n".encode()
    if _CONTROL.search(value.replace("\r\n ", "")) or any(len(line) > _MAX_LINE for line in raw.split(b"\r\n")):
        raise BadHeader(f"header {name}: expected at most {_MAX_LINE} bytes on a line and no control characters, got {len(raw)} bytes")
    return raw


def _unstructured(text: str) -> str:
    """RFC 2047 encoded words where the text is not ASCII or would be taken for one."""
    text = clean(text)
    if text.isascii() and "=?" not in text and len(text) < 900:
        return text
    return Header(text, "utf-8", maxlinelen=76, header_name="Subject").encode(linesep="\r\n")


def _mailbox(name: str, address: str) -> str:
    name = clean(name)
    if not name:
        return address
    if not name.isascii():
        return f"{Header(name, 'utf-8', maxlinelen=70).encode(linesep=chr(13) + chr(10))} <{address}>"
    if _PHRASE.fullmatch(name) and "=?" not in name:
        return f"{name} <{address}>"
    escaped = re.sub(r'(["\\])', r"\\\1", name)
    return f'"{escaped}" <{address}>'


def _part(subtype: str, text: str) -> tuple[bytes, ...]:
    """A text part in quoted-printable (RFC 2045, 6.7): any server takes it, and a person can read it."""
    lines = "\r\n".join(text.splitlines()) + "\r\n"
    body = binascii.b2a_qp(lines.encode(), istext=True)
    return (f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n".encode(), body)
