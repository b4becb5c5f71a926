"""A fixed number of kept connections to the mail server, or to the one that stands in for it; whoever has one has it alone."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiosmtplib import SMTP, SMTPException, SMTPHeloError

from outreach.backoff import SERVICE_AWAY, Backoff

log = logging.getLogger(__name__)

IDLE_SECONDS = 30
ALONE_SECONDS = 30
_GOODBYE_SECONDS = 2


class NoConnection(Exception):
    """The mail server could not be reached before the message became pointless."""


@dataclass(slots=True)
class _Server:
    """One mail server, and until when (monotonic) it is left alone after it could not be reached."""

    session: Callable[[], SMTP]
    alone_until: float = 0.0


class Connections:
    """Hands out connected sessions; opens them when needed, closes those that rested too long for a server's liking.

    Of several servers the first that can be reached is taken. That is decided before a message is claimed, so that none is handed to two.
    """

    def __init__(self, session: Callable[[], SMTP], size: int, backoff: Backoff = SERVICE_AWAY, further: Sequence[Callable[[], SMTP]] = ()) -> None:
        self._servers = [_Server(session), *map(_Server, further)]
        self._backoff = backoff
        self._free = asyncio.Semaphore(size)
        self._kept: list[tuple[SMTP, _Server, float]] = []
        self._failures = 0

    @property
    def reachable(self) -> bool:
        """False while no mail server can be reached, proves its identity and knows us."""
        return self._failures == 0

    @property
    def remark(self) -> str:
        """What an operator should know although mail is taken."""
        return "the first mail server is away, another one stands in" if self.reachable and self._away(self._servers[0]) else ""

    @asynccontextmanager
    async def one(self, too_late: Callable[[], bool]) -> AsyncIterator[SMTP]:
        """A connected session, waited for until `too_late()`; then raises NoConnection."""
        async with self._free:
            session, server = await self._connected(too_late)
            try:
                yield session
            except BaseException:
                session.close()  # nobody knows what the server is waiting for
                raise
            if session.is_connected:
                self._kept.append((session, server, time.monotonic()))

    async def close(self) -> None:
        """Says goodbye on every kept connection."""
        kept, self._kept = self._kept, []
        await asyncio.gather(*(_goodbye(session) for session, _, _ in kept))

    async def _connected(self, too_late: Callable[[], bool]) -> tuple[SMTP, _Server]:
        while self._kept:
            session, server, since = self._kept.pop()
            if session.is_connected and time.monotonic() - since < IDLE_SECONDS and server is self._preferred()[0]:
                return session, server
            await _goodbye(session)
        return await self._new(too_late)

    def _preferred(self) -> list[_Server]:
        """Those that are not left alone, in their order; all when there is none."""
        return [server for server in self._servers if not self._away(server)] or self._servers

    def _away(self, server: _Server) -> bool:
        return time.monotonic() < server.alone_until

    async def _new(self, too_late: Callable[[], bool]) -> tuple[SMTP, _Server]:
        while not too_late():
            for server in self._preferred():
                if session := await self._opened(server):
                    self._failures = 0
                    return session, server
            self._failures += 1
            await self._backoff.pause(self._failures)
        raise NoConnection("mail server not reachable")

    async def _opened(self, server: _Server) -> SMTP | None:
        session = server.session()
        try:
            await session.connect()
            await _introduced(session)
        except (SMTPException, OSError, ValueError) as error:  # ValueError: aiosmtplib, of a challenge to AUTH that is no base64
            session.close()
            which = self._servers.index(server) + 1
            log.warning("mail server %d: expected a connection, got %s (%d rounds failed before)", which, type(error).__name__, self._failures)
            if len(self._servers) > 1:
                server.alone_until = time.monotonic() + ALONE_SECONDS
            return None
        server.alone_until = 0.0
        return session


async def _introduced(session: SMTP) -> None:
    """EHLO, and HELO where the server knows no other (RFC 5321, 3.2)."""
    if not session.is_ehlo_or_helo_needed:
        return
    try:
        await session.ehlo()
    except SMTPHeloError:
        await session.helo()


async def _goodbye(session: SMTP) -> None:
    try:
        if session.is_connected:
            await session.quit(timeout=_GOODBYE_SECONDS)
    except (SMTPException, OSError):
        log.debug("the mail server was gone before the goodbye")
    finally:
        session.close()
