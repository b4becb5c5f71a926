"""Calls to other systems: signed, bounded, to where the policy says and nowhere else; against a real server."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from aiohttp import web
from care_contracts.suppression import Suppressions
from outreach.backoff import Backoff
from outreach.core.policy import Webhook
from outreach.delivery.calling import OnlyPublic, call_of
from outreach.delivery.outcome import Outcome
from sqlalchemy import Engine

from tests.outreach.delivery.post_office import POLICY, courier_for, order, real_ms

SECRET = base64.b64encode(b"a secret of twenty-four b").decode()


@dataclass
class System:
    """Another system; it answers with these numbers, one after the other, and remembers what it was told."""

    answers: list[int]
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    async def hear(self, request: web.Request) -> web.Response:
        self.heard.append(({name.lower(): value for name, value in request.headers.items()}, await request.read()))
        status = self.answers.pop(0)
        return web.Response(status=status, headers={"Location": "/elsewhere"} if status == 302 else {})


@asynccontextmanager
async def system(*answers: int) -> AsyncIterator[System]:
    there = System(list(answers))
    application = web.Application()
    application.router.add_post("/{name}", there.hear)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    there.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield there
    finally:
        await runner.cleanup()


def call(**more: Any) -> Any:
    return order(kind="webhook", what="loyalty", channel="webhook", in_doubt="resend", options={"data": {"tier": "gold"}}, **more)


def policy(url: str, variable: str = "LOYALTY_SECRET") -> Any:
    return replace(POLICY, webhooks={"loyalty": Webhook(url, variable)})


async def test_a_call_is_signed_and_told_once(engine: Engine, suppressions: Suppressions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOYALTY_SECRET", f"whsec_{SECRET}")
    command = call()
    async with system(204) as there, courier_for(1, engine, suppressions, policy=policy(there.url)) as desk:
        await desk.deliver(command)
        await desk.deliver(command)
    ((headers, body),) = there.heard
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(base64.b64decode(SECRET), signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["webhook-id"] == command.command_id
    assert json.loads(body)["customer_id"] == "c-1"
    assert json.loads(body)["data"] == {"tier": "gold"}
    assert [(event.id, event.type) for event in desk.told] == [(f"{command.command_id}.sent", "message.sent")]


async def test_a_system_that_is_down_is_called_again(sqlite: Engine, suppressions: Suppressions) -> None:
    moment, command = [real_ms()], call()
    async with (
        system(500, 200) as there,
        courier_for(1, sqlite, suppressions, policy=policy(there.url, ""), real=lambda: moment[0], retry=Backoff(1, 1)) as desk,
    ):
        await desk.deliver(command)
        assert (desk.row(command).state, desk.told) == ("retry_at", [])
        moment[0] += 2_000
        await desk.deliver(command)
    assert len(there.heard) == 2
    assert "webhook-signature" not in there.heard[0][0]
    assert desk.told_ids() == [f"{command.command_id}.sent"]


@pytest.mark.parametrize("status", [302, 404, 410])
async def test_another_answer_is_final_and_nothing_is_followed(status: int, sqlite: Engine, suppressions: Suppressions) -> None:
    async with system(status) as there, courier_for(1, sqlite, suppressions, policy=policy(there.url, "")) as desk:
        await desk.deliver(call())
    assert len(there.heard) == 1
    assert (desk.told[0].type, desk.told[0].data["class"], desk.told[0].data["reason"]) == ("message.failed", "webhook", f"expected 2xx, got {status}")


@pytest.mark.parametrize(
    ("webhook", "reason"),
    [
        (None, "policy.yaml does not know the webhook"),
        (Webhook("http://shop.example/hook"), "expected an https address"),
        (Webhook("https://10.0.0.8/hook"), "expected a public address"),
        (Webhook("https://[fd00::1]/hook"), "expected a public address"),
        (Webhook("https://169.254.169.254/latest"), "expected a public address"),
        (Webhook("https://shop.example/hook", "NO_SUCH_SECRET"), "the environment variable NO_SUCH_SECRET holds no secret"),
    ],
)
def test_what_must_not_be_called_is_not(webhook: Any, reason: Any) -> None:
    refused = call_of(call(), webhook)
    assert isinstance(refused, Outcome)
    assert refused.reason == reason


async def test_no_name_leads_into_the_own_network(monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio  # noqa: PLC0415 - only here is the look-up replaced

    async def getaddrinfo(host: str, port: int, **_: Any) -> Any:
        return [(2, 1, 6, "", (address, port)) for address in {"mixed.example": ["10.1.1.1", "1.1.1.1"], "inside.example": ["192.168.0.3"]}[host]]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo, raising=False)
    assert [found["host"] for found in await OnlyPublic().resolve("mixed.example", 443)] == ["1.1.1.1"]
    with pytest.raises(OSError, match="public address"):
        await OnlyPublic().resolve("inside.example", 443)
