"""One message over one SMTP connection, step by step, so that it is always known on which side of the final dot it ended."""

import asyncio
import re
from dataclasses import dataclass
from typing import cast

from aiosmtplib import SMTP, SMTPException, SMTPServerDisconnected, SMTPTimeoutError
from aiosmtplib.protocol import SMTPProtocol

from outreach.delivery.faults import Point, reached
from outreach.delivery.replies import Accepted, Broken, Refused, Reply, Stage, Unsure

_DOT = b".\r\n"
_CLEANING_SECONDS = 10
_LEADING_DOT = re.compile(rb"(?m)^\.")


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who it is from and for, as SMTP sees it (RFC 5321). `utf8` asks for SMTPUTF8 (RFC 6531)."""

    sender: str
    recipient: str
    utf8: bool = False


class OutOfStep(SMTPException):
    """The server answers more than it was asked, so that nobody knows which answer is whose."""

    def __init__(self) -> None:
        super().__init__("more answers than questions")


async def transmit(session: SMTP, envelope: Envelope, message: bytes, seconds: float) -> Reply:
    """Sends `message` (CRLF lines, ending with one) within `seconds` for the whole exchange. Never raises for what the server does."""
    steps = _Steps(session, envelope, message)
    try:
        async with asyncio.timeout(seconds):
            reply = await steps.run()
    except (SMTPException, OSError, TimeoutError) as error:
        session.close()
        why = _why(error)
        return Unsure(why) if steps.stage is Stage.DOT else Broken(steps.stage, why)
    if isinstance(reply, Refused):
        await _clean(session)
    return reply


def _why(error: Exception) -> str:
    if isinstance(error, OutOfStep):
        return "more answers than questions"
    return "timeout" if isinstance(error, TimeoutError | SMTPTimeoutError) else "connection lost"


async def _clean(session: SMTP) -> None:
    """Makes a connection usable for the next message after a refusal, or closes it."""
    if not session.is_connected:
        return
    try:
        async with asyncio.timeout(_CLEANING_SECONDS):
            await session.execute_command(b"RSET", timeout=None)
    except (SMTPException, OSError, TimeoutError):
        session.close()


class _Steps:
    """The exchange; `stage` is where it is."""

    def __init__(self, session: SMTP, envelope: Envelope, message: bytes) -> None:
        self.session = session
        self.envelope = envelope
        self.message = message
        self.stage = Stage.MAIL

    async def run(self) -> Reply:
        reached(Point.BEFORE_MAIL)
        return await self._command(Stage.MAIL, 250, self._mail()) or await self._recipient() or await self._content()

    def _mail(self) -> tuple[bytes, ...]:
        options = [f"SIZE={len(self.message)}"] if self.session.supports_extension("size") else []
        options += ["SMTPUTF8"] if self.envelope.utf8 else []
        return (b"MAIL", f"FROM:<{self.envelope.sender}>".encode(), *(option.encode() for option in options))

    async def _recipient(self) -> Refused | None:
        return await self._command(Stage.RCPT, 250, (b"RCPT", f"TO:<{self.envelope.recipient}>".encode()))

    async def _command(self, stage: Stage, wanted: int, words: tuple[bytes, ...]) -> Refused | None:
        """A refusal, or None when the server answered with the class of `wanted`."""
        self.stage = stage
        code, text = await self.session.execute_command(*words, timeout=None)
        if code // 100 != wanted // 100:
            return self._refused(stage, code, text)
        if _said_more(self.session.protocol):
            raise OutOfStep
        return None

    def _refused(self, stage: Stage, code: int, text: str) -> Refused:
        """What is not a plain no, or not the only answer, leaves a connection whose next answer could belong to anything."""
        if code // 100 not in (4, 5) or _said_more(self.session.protocol):
            self.session.close()
        return Refused(stage, code, text)

    async def _content(self) -> Reply:
        if refusal := await self._command(Stage.DATA, 354, (b"DATA",)):
            return refusal
        protocol = self.session.protocol
        if protocol is None or protocol.transport is None:
            raise SMTPServerDisconnected("Connection lost")
        verdict = asyncio.ensure_future(protocol.read_response())
        try:
            await self._body(protocol)
            if verdict.done():
                return self._too_early(*verdict.result())
            reached(Point.IN_DATA)
            self.stage = Stage.DOT
            protocol.write(_DOT)
            reached(Point.AFTER_DOT)
            return self._verdict(*await verdict)
        finally:
            verdict.cancel()

    def _too_early(self, code: int, text: str) -> Reply:
        """An answer before the final dot, which is therefore never written: the message is certainly not sent."""
        self.session.close()
        return Refused(Stage.DATA, code, text) if code // 100 in (4, 5) else Broken(Stage.DATA, "an answer too early")

    def _verdict(self, code: int, text: str) -> Reply:
        if code == 421 or _said_more(self.session.protocol):
            self.session.close()
        if code // 100 == 2:
            return Accepted()
        return Refused(Stage.DOT, code, text) if code // 100 in (4, 5) else Unsure(f"unexpected {code}")

    async def _body(self, protocol: SMTPProtocol) -> None:
        """Everything but the final dot has left this process when this returns, so that a connection that broke before is known to have."""
        cast("asyncio.WriteTransport", protocol.transport).set_write_buffer_limits(high=0)
        protocol.write(_LEADING_DOT.sub(b"..", self.message))
        await protocol._drain_helper()  # noqa: SLF001 - what asyncio's own StreamWriter.drain calls on a protocol
        await asyncio.sleep(0)
        if not protocol.is_connected:
            raise SMTPServerDisconnected("Connection lost")


def _said_more(protocol: SMTPProtocol | None) -> bool:
    """Whether the server has answered more than it was asked: what is left over would be taken for the next command's answer."""
    return protocol is not None and bool(protocol._buffer)  # noqa: SLF001 - aiosmtplib keeps it to itself, and would read it as the next answer
