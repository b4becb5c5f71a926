"""The mails that were caught, every delivery of them, so that a mail that came twice can be seen twice."""

from collections import Counter, OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser
from email.policy import default

MAX_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Caught:
    """One delivery. `number` counts from 1; `arrived` is real time in milliseconds since 1970, taken after the final dot."""

    number: int
    arrived: float
    message_id: str
    sender: str
    to: str
    subject: str
    raw: bytes = field(repr=False)

    def matches(self, words: list[str]) -> bool:
        """Whether every (lower-case) word stands in the address line, the subject or the source."""
        text = f"{self.sender} {self.to} {self.subject}".lower()
        return all(word in text or word.encode() in self.raw.lower() for word in words)


@dataclass
class Mailbox:
    """Newest last. Beyond `max_bytes` the oldest sources are forgotten; how often each Message-ID came is never forgotten."""

    max_bytes: int = MAX_BYTES
    total: int = 0
    held: int = 0
    deliveries: Counter[str] = field(default_factory=Counter)
    mails: OrderedDict[int, Caught] = field(default_factory=OrderedDict)

    def put(self, raw: bytes, recipients: list[str], arrived: float) -> Caught:
        """Keeps one delivery; the recipients are those of the envelope."""
        headers = BytesHeaderParser(policy=default).parsebytes(raw)
        self.total += 1
        message_id = str(headers.get("Message-ID", f"<none-{self.total}>")).strip()
        caught = Caught(self.total, arrived, message_id, str(headers.get("From", "")), ", ".join(recipients), str(headers.get("Subject", "")), raw)
        self.deliveries[message_id] += 1
        self.mails[caught.number] = caught
        self.held += len(raw)
        while self.held > self.max_bytes:
            self.held -= len(self.mails.popitem(last=False)[1].raw)
        return caught

    def after(self, number: int, limit: int) -> list[Caught]:
        """The next `limit` mails that came after mail `number`, oldest first."""
        return [self.mails[n] for n in range(number + 1, min(self.total, number + limit) + 1) if n in self.mails]

    def newest(self, query: str, before: int, limit: int) -> list[Caught]:
        """The `limit` newest mails older than mail `before` (0: any) in which every word of `query` stands, newest first."""
        found = self._search(query.lower().split(), before)
        return [mail for mail, _ in zip(found, range(limit), strict=False)]

    def _search(self, words: list[str], before: int) -> Iterator[Caught]:
        for number in reversed(self.mails):
            mail = self.mails[number]
            if (not before or number < before) and mail.matches(words):
                yield mail
