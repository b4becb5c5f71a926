"""The port and the pipe through which a mail server hands in what came back."""

import asyncio
import os
import smtplib
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import pytest
from care_contracts.clock import Clock
from feedback.metrics import Metrics
from feedback.returned.mail_port import LONGEST_MAIL, MOST_CONNECTIONS, MailPort
from feedback.returned.returns import Returns

from deploy.embedded.ports import free_port
from tests.feedback.stage import ADA, KEYS, Service, letter
from tests.feedback.test_reading_returns import ORIGIN, RETURN, mail
from tests.waiting import until


@asynccontextmanager
async def port_of(service: Service, *, lmtp: bool = True) -> AsyncIterator[int]:
    """The port in front of the service."""
    returns = Returns(service.database, service.suppressions, service.outbox, Clock(real=service.hands), Metrics())
    port = MailPort("127.0.0.1", free_port(), lmtp, ORIGIN, returns)
    running = asyncio.create_task(port.run())

    async def answers() -> bool:
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port.port)
            writer.close()
            return True
        return False

    async def quiet() -> bool:
        return not port._open

    await until(answers)
    await until(quiet)
    yield port.port
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def hand_in(port: int, raw: bytes, recipient: str = RETURN, *, lmtp: bool = True) -> int:
    """The answer to the message, as a mail server gets it."""

    def send() -> int:
        with (smtplib.LMTP if lmtp else smtplib.SMTP)("127.0.0.1", port, timeout=20) as server:
            try:
                server.sendmail("", [recipient], raw)
            except smtplib.SMTPResponseException as error:
                return error.smtp_code
            return 250

    return await asyncio.to_thread(send)


@pytest.mark.parametrize("lmtp", [True, False])
async def test_a_bounce_handed_in_holds_before_it_is_acknowledged(service: Service, caplog: pytest.LogCaptureFixture, lmtp: bool) -> None:
    await service.writes(letter())
    async with port_of(service, lmtp=lmtp) as port:
        assert await hand_in(port, mail("postfix"), lmtp=lmtp) == 250

        assert await service.stopped("care") == ["care"]
        assert [event.type for event in service.topic.events] == ["message.bounced"]
        assert "example.org" not in caplog.text


async def test_what_is_not_known_yet_is_to_come_again_and_then_holds(service: Service) -> None:
    async with port_of(service) as port:
        assert await hand_in(port, mail("postfix")) == 451
        await service.writes(letter())
        assert await hand_in(port, mail("postfix")) == 250
    assert await service.stopped("care") == ["care"]


async def test_rubbish_is_taken_and_a_flood_is_refused(service: Service) -> None:
    async with port_of(service) as port:
        assert await hand_in(port, b"\xff\x00 nonsense\r\n") == 250
        assert await hand_in(port, (b"x" * 70 + b"\r\n") * (LONGEST_MAIL // 72 + 10)) == 552


async def test_only_so_many_connections_are_open_at_once(service: Service) -> None:
    async with port_of(service) as port, AsyncExitStack() as stack:
        greetings = []
        for _ in range(MOST_CONNECTIONS + 1):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            stack.callback(writer.close)
            greetings.append(await reader.readline())
        assert [line[:3] for line in greetings] == [b"220"] * MOST_CONNECTIONS + [b"421"]


async def test_a_message_can_be_piped_and_the_service_tells_the_topic(service: Service) -> None:
    await service.writes(letter())
    told = {
        "CARE_LINK_KEYS": f"1:{KEYS.keys[1].decode()}",
        "CARE_SUPPRESSION_KEY": "a secret of sixteen",
        "CARE_DATABASE_URL": service.database.engine.url.render_as_string(hide_password=False),
        "CARE_CLOCK": "2026-03-02T10:00:00Z@1x",
        "PYTHONPATH": ":".join(sys.path),
    }

    def piped(raw: bytes, **other: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run([sys.executable, "-m", "feedback", "bounce", RETURN], input=raw, env=told | other, capture_output=True, check=False)

    away = await asyncio.to_thread(piped, mail("qmail"), CARE_DATABASE_URL="sqlite:////no/such/folder/care.db")
    taken = await asyncio.to_thread(piped, mail("qmail") + b"x" * 3_000_000)

    assert (away.returncode, taken.returncode) == (os.EX_TEMPFAIL, 0), taken.stderr
    assert ADA.encode() not in away.stderr + taken.stderr
    assert await service.stopped("care") == ["care"]
    assert await service.outbox.waiting() == 1
