"""The port where a mail server hands in what came back: LMTP (RFC 2033) or SMTP, for the local mail server and not for the world."""

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP
from sqlalchemy.exc import SQLAlchemyError

from feedback.entrance import NotKnownYet
from feedback.returned.origin import Origin
from feedback.returned.reading import read_returned
from feedback.returned.returns import Returns

LONGEST_MAIL = 8 * 1024 * 1024  # bytes: a reply may bring photographs, which are not looked at
MOST_CONNECTIONS = 8
_IDLE_S = 60.0
_TAKEN = "250 2.0.0 taken"
_LATER = "451 4.3.0 not now"


@dataclass
class MailPort:
    """Answers 250 once what came back is in the database; 451 while that is away, or while the letter is not known yet."""

    host: str
    port: int
    lmtp: bool
    origin: Origin
    returns: Returns
    _open: set[object] = field(default_factory=set)

    async def run(self) -> None:
        """Serves for ever."""
        logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd would log addresses
        server = await asyncio.get_running_loop().create_server(self._protocol, self.host, self.port)
        async with server:
            await server.serve_forever()

    def _protocol(self) -> SMTP:
        kind = _bounded(LMTP if self.lmtp else SMTP, self._open)
        return kind(self, data_size_limit=LONGEST_MAIL, enable_SMTPUTF8=True, hostname="careloop", ident="Careloop", timeout=_IDLE_S)

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]) -> str:  # noqa: N802 - aiosmtpd's name
        """One at a time, because LMTP answers for each."""
        if envelope.rcpt_tos:
            return "452 4.5.3 one recipient at a time"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Reads it in a thread, so that nothing that comes in delays the pages."""
        try:
            news = await asyncio.to_thread(read_returned, envelope.content, envelope.rcpt_tos, self.origin, envelope.mail_from)
            await self.returns.take(news)
        except (SQLAlchemyError, NotKnownYet):
            return _LATER
        return _TAKEN


def _bounded(kind: type[Any], opened: set[object]) -> type[Any]:
    class Bounded(kind):  # type: ignore[misc]  # aiosmtpd has no types
        """Closes what is more than MOST_CONNECTIONS, with the answer that makes a mail server come back."""

        def connection_made(self, transport: asyncio.Transport) -> None:
            opened.add(self)
            super().connection_made(transport)
            if len(opened) > MOST_CONNECTIONS:
                transport.write(b"421 4.7.0 too many connections\r\n")
                transport.close()

        def connection_lost(self, error: Exception | None) -> None:
            opened.discard(self)
            super().connection_lost(error)

    return Bounded
