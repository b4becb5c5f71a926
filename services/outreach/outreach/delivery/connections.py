"""A fixed number of kept connections to the mail server; whoever has one has it alone."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiosmtplib import SMTP, SMTPException, SMTPHeloError

from outreach.backoff import SERVICE_AWAY, Backoff

log = logging.getLogger(__name__)

IDLE_SECONDS = 30
_GOODBYE_SECONDS = 2


class NoConnection(Exception):
    """The mail server could not be reached before the message became pointless."""


class Connections:
    """Hands out connected sessions; opens them when needed, closes those that rested too long for a server's liking."""

    def __init__(self, session: Callable[[], SMTP], size: int, backoff: Backoff = SERVICE_AWAY) -> None:
        self._session = session
        self._backoff = backoff
        self._free = asyncio.Semaphore(size)
        self._kept: list[tuple[SMTP, float]] = []
        self._failures = 0

    @property
    def reachable(self) -> bool:
        """False while the mail server cannot be reached, does not prove its identity or does not know us."""
        return self._failures == 0

    @asynccontextmanager
    async def one(self, too_late: Callable[[], bool]) -> AsyncIterator[SMTP]:
        """A connected session, waited for until `too_late()`; then raises NoConnection."""
        async with self._free:
            session = await self._connected(too_late)
            try:
                yield session
            except BaseException:
                session.close()  # nobody knows what the server is waiting for
                raise
            if session.is_connected:
                self._kept.append((session, time.monotonic()))

    async def close(self) -> None:
        """Says goodbye on every kept connection."""
        kept, self._kept = self._kept, []
        await asyncio.gather(*(_goodbye(session) for session, _ in kept))

    async def _connected(self, too_late: Callable[[], bool]) -> SMTP:
        while self._kept:
            session, since = self._kept.pop()
            if session.is_connected and time.monotonic() - since < IDLE_SECONDS:
                return session
            await _goodbye(session)
        return await self._new(too_late)

    async def _new(self, too_late: Callable[[], bool]) -> SMTP:
        while not too_late():
            session = self._session()
            try:
                await session.connect()
                await _introduced(session)
            except (SMTPException, OSError, ValueError) as error:  # ValueError: aiosmtplib, of a challenge to AUTH that is no base64
                session.close()
                self._failures += 1
                log.warning("mail server: expected a connection, got %s (failure %d in a row)", type(error).__name__, self._failures)
                await self._backoff.pause(self._failures)
            else:
                self._failures = 0
                return session
        raise NoConnection("mail server not reachable")


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
