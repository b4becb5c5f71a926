"""The real process and a real broker: from the command on the topic to the answer on the topic, through crashes and absences."""

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from care_contracts.links import Use
from care_contracts.records import altered
from care_contracts.topics import DEAD

from tests.feedback.running import Running, new_running, status
from tests.feedback.stage import KEYS, NOW, letter
from tests.feedback.test_mail_port import hand_in
from tests.feedback.test_reading_returns import mail
from tests.waiting import until

pytestmark = [pytest.mark.embedded, pytest.mark.skipif("sys.platform != 'linux'", reason="the embedded broker exists for Linux only")]


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    running = new_running(tmp_path)
    yield running
    await running.supervisor.stop()


@pytest.fixture
async def client(running: Running) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=running.url, trust_env=False, timeout=20) as client:
        yield client


def link(door: str, use: Use, order: str = "A1") -> str:
    return f"/{door}/{KEYS.sign(use, letter(order).command_id, NOW + 86_400_000)}"


async def test_a_letter_is_answered_and_the_answer_is_on_the_topic(running: Running, client: httpx.AsyncClient) -> None:
    await running.broker()
    await running.feedback()
    await running.send(letter("A1"), letter("A2"), junk=b"{nonsense")

    page = await client.post(link("s", Use.SURVEY), data={"score": "2"})
    gone = await client.post(link("u", Use.UNSUBSCRIBE, "A2"), data={"List-Unsubscribe": "One-Click"})

    assert (page.status_code, gone.status_code) == (200, 200)
    assert [(event.type, event.customer_id) for event in await running.events()] == [("survey.answered", "ada"), ("consent.changed", "ada")]
    await until(lambda: _buried(running))
    ((value, headers),) = await running.on_topic(DEAD.name, 1)
    assert (value, headers["care-topic"]) == (b"{nonsense", b"care.outreach")
    assert re.search(r"[A-Za-z0-9_-]{51}|ada@", running.log) is None
    assert b"feedback_letters_total 2.0" in (await client.get("/metrics")).content


async def test_a_bounce_handed_in_by_a_mail_server_is_on_the_topic(running: Running) -> None:
    await running.broker()
    await running.feedback()
    await running.send(letter("A1"))

    async def taken() -> bool:
        return await hand_in(running.mail_port, mail("postfix")) == 250

    await until(taken)  # 451 until the letter is known
    await until(lambda: _told(running, "message.bounced"))
    assert "example.org" not in running.log


async def _buried(running: Running) -> bool:
    return len(await running.on_topic(DEAD.name, 1)) == 1


async def test_it_waits_for_a_broker_that_comes_late_and_uses_little_memory(running: Running, client: httpx.AsyncClient) -> None:
    await running.feedback(wait=False)
    await until(lambda: _answers(running, "/healthz", 200))
    assert await status(f"{running.url}/readyz") == 503

    await running.broker()

    await until(lambda: _answers(running, "/readyz", 200), 30)
    await running.send(letter("A1"))
    assert (await client.post(link("s", Use.SURVEY), data={"score": "2"})).status_code == 200
    assert running.memory_kib < 75_000


async def _answers(running: Running, path: str, expected: int) -> bool:
    return await status(running.url + path) == expected


async def test_what_was_said_while_the_broker_was_away_is_sent_after_a_crash(running: Running, client: httpx.AsyncClient) -> None:
    await running.broker()
    await running.feedback()
    await running.send(letter("A1"))
    assert (await client.get(link("s", Use.SURVEY))).status_code == 200
    os.kill(running.supervisor.pid("broker"), signal.SIGSTOP)

    held = await client.post(link("u", Use.UNSUBSCRIBE), data={"List-Unsubscribe": "One-Click"})
    late = await client.post(link("s", Use.SURVEY), data={"score": "5"})
    running.supervisor.kill("feedback")
    os.kill(running.supervisor.pid("broker"), signal.SIGCONT)

    assert (held.status_code, late.status_code) == (200, 503)
    await until(lambda: _told(running, "consent.changed", "survey.answered"), 30)


async def _told(running: Running, *types: str) -> bool:
    return list(dict.fromkeys(event.type for event in await running.events())) == list(types)


async def test_it_reads_on_when_the_broker_was_gone_and_comes_back(running: Running, client: httpx.AsyncClient) -> None:
    await running.broker()
    await running.feedback()
    await running.send(letter("A1"))
    assert (await client.get(link("s", Use.SURVEY))).status_code == 200

    before = running.supervisor.pid("feedback")

    running.supervisor.kill("broker")
    await until(lambda: _refused(client, "outreach"))
    await running.broker()

    await until(lambda: _answers(running, "/readyz", 200), 30)
    await running.send(altered(letter("A2"), customer_id="grace"))  # in a partition not read yet: the broker comes back without its memory
    assert (await client.get(link("s", Use.SURVEY, "A2"))).status_code == 200
    assert running.supervisor.pid("feedback") == before
    assert "never retrieved" not in running.log


async def _refused(client: httpx.AsyncClient, name: str) -> bool:
    return (await client.get("/readyz")).json()[name] is False


async def test_it_ends_in_time_even_without_a_broker(running: Running, client: httpx.AsyncClient) -> None:
    await running.broker()
    await running.feedback()
    await running.send(letter("A1"))
    assert (await client.get(link("s", Use.SURVEY))).status_code == 200
    process = running.supervisor._processes["feedback"]
    running.supervisor.kill("broker")
    await client.post(link("s", Use.SURVEY), data={"score": "2"})

    process.send_signal(signal.SIGTERM)

    assert await asyncio.wait_for(process.wait(), 9) == 0


async def test_it_ends_at_once_when_asked_to(running: Running) -> None:
    await running.broker()
    await running.feedback()
    process = running.supervisor._processes["feedback"]

    process.send_signal(signal.SIGTERM)

    assert await process.wait() == 0
    assert "Traceback" not in running.log
