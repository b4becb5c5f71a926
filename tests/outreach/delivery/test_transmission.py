"""Handing over on a real mail server: TLS, its verification, and the event loop that runs in production."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvloop
from aiosmtpd.smtp import SMTP, AuthResult
from aiosmtplib import SMTPException
from outreach.delivery.replies import Accepted, Broken, Refused, Stage, Unsure
from outreach.delivery.smtp_url import mail_server
from outreach.delivery.transmission import Envelope, transmit

from deploy.mail.certificate import certificate
from deploy.mail.scripted import DROP, DROP_IN_BODY, Say, scripted

ENVELOPE = Envelope("care@northwind.example", "ada@example.org")
MESSAGE = b"Subject: hi\r\n\r\n.dot\r\n" + b"a long line of words\r\n" * 50_000
LONG = MESSAGE * 20  # longer than what the system takes off our hands before the server reads


@dataclass
class Inbox:
    """What aiosmtpd took."""

    messages: list[bytes] = field(default_factory=list)

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.messages.append(envelope.content)
        return "250 ok"


@asynccontextmanager
async def tls_server(context: ssl.SSLContext, *, implicit: bool) -> AsyncIterator[tuple[int, Inbox]]:
    inbox = Inbox()

    def serve() -> SMTP:
        trusted = {} if implicit else {"tls_context": context, "require_starttls": True}
        return SMTP(inbox, authenticator=lambda *_: AuthResult(success=True), auth_require_tls=not implicit, **trusted)

    listening = await asyncio.get_running_loop().create_server(serve, "127.0.0.1", 0, ssl=context if implicit else None)
    try:
        yield listening.sockets[0].getsockname()[1], inbox
    finally:
        listening.close()


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
async def test_mail_goes_over_verified_tls_with_a_password(scheme: str, tmp_path: Path) -> None:
    ca, context = certificate(tmp_path)
    async with tls_server(context, implicit=scheme == "smtps") as (port, inbox):
        session = mail_server(f"{scheme}://user:p%40ss@127.0.0.1:{port}?ca={ca}").session(10)
        await session.connect()
        assert await transmit(session, ENVELOPE, MESSAGE, 20) == Accepted()
        await session.quit()
    assert inbox.messages == [MESSAGE]


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
async def test_a_server_that_cannot_prove_its_identity_gets_no_mail(scheme: str, tmp_path: Path) -> None:
    _, context = certificate(tmp_path)
    async with tls_server(context, implicit=scheme == "smtps") as (port, inbox):
        session = mail_server(f"{scheme}://user:pass@127.0.0.1:{port}").session(10)
        with pytest.raises((SMTPException, ssl.SSLError)):
            await session.connect()
        session.close()
    assert inbox.messages == []


async def test_starttls_that_was_taken_out_of_the_greeting_stops_the_mail() -> None:
    async with scripted() as server:
        session = mail_server(f"smtp+starttls://127.0.0.1:{server.port}").session(5)
        with pytest.raises(SMTPException):
            await session.connect()
    assert not any(verb.startswith("MAIL") for verb in server.verbs)


@pytest.mark.parametrize(
    ("script", "reply"),
    [
        ({}, Accepted()),
        ({"DATA": DROP}, Broken(Stage.DATA, "connection lost")),
        ({"BODY": DROP_IN_BODY}, Broken(Stage.DATA, "connection lost")),
        ({"DOT": DROP}, Unsure("connection lost")),
    ],
    ids=str,
)
def test_the_production_event_loop_tells_the_sides_of_the_dot_apart(script: dict[str, str], reply: object) -> None:
    async def exchange() -> object:
        async with scripted(script) as server:
            session = mail_server(f"smtp://127.0.0.1:{server.port}").session(5)
            await session.connect()
            await session.ehlo()
            return await transmit(session, ENVELOPE, LONG, 20)

    assert uvloop.run(exchange()) == reply


@pytest.mark.parametrize(("answer", "reply"), [("554 5.7.1 no", Refused(Stage.DATA, 554, "5.7.1 no")), ("250 ok", Broken(Stage.DATA, "an answer too early"))])
def test_a_long_message_that_is_answered_before_its_end_is_not_ended(answer: str, reply: object) -> None:
    async def exchange() -> object:
        async with scripted({"BODY": Say(answer.encode() + b"\r\n", then="hang")}) as server:
            session = mail_server(f"smtp://127.0.0.1:{server.port}").session(5)
            await session.connect()
            await session.ehlo()
            return await transmit(session, ENVELOPE, LONG, 20)

    assert uvloop.run(exchange()) == reply
    assert asyncio.run(exchange()) == reply


def test_a_file_of_certificates_that_is_not_there_is_found_before_anything_connects() -> None:
    with pytest.raises(ValueError, match="CARE_SMTP_URL"):
        mail_server("smtps://mail.example?ca=/nowhere/ca.pem")


@pytest.mark.parametrize("url", ["http://x", "smtp://", "smtp://user:pass@mail.example", "smtps://mail.example?verfy=no"])
def test_a_mail_url_that_cannot_be_meant_is_refused_without_its_secret(url: str) -> None:
    with pytest.raises(ValueError, match="CARE_SMTP_URL: ") as refusal:
        mail_server(url)
    assert "pass@" not in str(refusal.value)
