"""Mail from outside, taken apart within bounds: nothing that somebody sends costs more than a bounded time and memory."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser, HeaderParser
from email.policy import compat32

LOOKED_AT = 128 * 1024  # bytes: reports stand in front of the message that they return
_MOST_BOUNDARIES = 20  # the parser's time grows with the depth of the nesting
_LONGEST_LINE = 2000
_LONG = re.compile(rb"([^\n]{%d})[^\n]+" % _LONGEST_LINE)
_BOUNDARY = re.compile(rb"boundary\s*\*?\d*\*?\s*=", re.IGNORECASE)
_LONGEST_VALUE = 4000
_LONGEST_PROSE = 16 * 1024


class Unreadable(ValueError):
    """Built in a way that no honest mail program builds."""


@dataclass(frozen=True)
class Mail:
    """One message; `raw` is as much of it as is looked at, as text."""

    message: Message
    raw: str

    def value(self, name: str) -> str:
        """A header's value, "" where there is none."""
        return value(self.message, name)

    def parts(self, kind: str) -> Iterator[Message]:
        """The parts of a content type, `message/delivery-status` for example."""
        return (part for part in self.message.walk() if part.get_content_type() == kind)

    def prose(self) -> str:
        """The beginning of what a person would read first."""
        text = next((payload for part in self.parts("text/plain") if isinstance(payload := part.get_payload(decode=True), bytes)), b"")
        return text[:_LONGEST_PROSE].decode("utf-8", "replace")


def read_mail(raw: bytes) -> Mail:
    """The beginning of a message in its parts; raises Unreadable. An unknown charset matters to nobody: only ASCII is looked for."""
    looked_at = _LONG.sub(rb"\1", raw[:LOOKED_AT])
    if len(_BOUNDARY.findall(looked_at)) > _MOST_BOUNDARIES:
        raise Unreadable(f"expected at most {_MOST_BOUNDARIES} boundaries, got more")
    try:
        return Mail(BytesParser(policy=compat32).parsebytes(looked_at), looked_at.decode("latin-1"))
    except (ValueError, LookupError, RecursionError) as error:
        raise Unreadable(f"expected a message, got {type(error).__name__}") from error


def value(message: Message, name: str) -> str:
    """One header on one line, at most 4,000 characters of it."""
    return " ".join(str(message.get(name, ""))[:_LONGEST_VALUE].split())


def blocks(part: Message) -> list[Message]:
    """The groups of fields in a report's part, which the parser makes messages of where it knows the type."""
    payload = part.get_payload()
    if isinstance(payload, list):
        return [block for block in payload if isinstance(block, Message)]
    return [HeaderParser(policy=compat32).parsestr(text) for text in str(payload).split("\n\n")[:_MOST_BOUNDARIES]]
