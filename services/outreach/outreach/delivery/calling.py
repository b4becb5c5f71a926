"""Calls another system: a signed POST (Standard Webhooks 1.0.0), bounded in time and size, to where the policy says and nowhere else."""

import asyncio
import base64
import hashlib
import hmac
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from care_contracts.clock import rfc3339
from care_contracts.records import Command

from outreach.core.policy import Webhook
from outreach.delivery.outcome import SENT, Category, Outcome, State
from outreach.settings import secret_in

LARGEST_ANSWER = 65_536
SECONDS = 10.0
_LOCAL = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Call:
    """A request that is ready to go; it is signed when it goes, because the signature holds the time."""

    url: str
    its_id: str
    body: bytes = field(repr=False)
    secret: bytes = field(repr=False)

    def headers(self, now: int) -> Mapping[str, str]:
        """The three headers of Standard Webhooks 1.0.0 at `now` (real ms since 1970); unsigned where the policy names no secret."""
        stamp = str(now // 1000)
        signed = hmac.new(self.secret, f"{self.its_id}.{stamp}.".encode() + self.body, hashlib.sha256).digest()
        found = {"Content-Type": "application/json", "webhook-id": self.its_id, "webhook-timestamp": stamp}
        return found | ({"webhook-signature": f"v1,{base64.b64encode(signed).decode()}"} if self.secret else {})


def call_of(command: Command, webhook: Webhook | None) -> Call | Outcome:
    """The call of a command, or the definite failure that it is."""
    if webhook is None:
        return _failed("policy.yaml does not know the webhook")
    parts = urlsplit(webhook.url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOCAL):
        return _failed("expected an https address")
    if not _public(parts.hostname or ""):
        return _failed("expected a public address")
    secret = secret_in(webhook.secret_env) if webhook.secret_env else ""
    if webhook.secret_env and not secret:
        return _failed(f"the environment variable {webhook.secret_env} holds no secret")
    try:
        key = _key(secret)
    except ValueError:
        return _failed(f"the environment variable {webhook.secret_env} holds no base64 behind whsec_")
    said = {"type": command.rule, "timestamp": rfc3339(command.at), "customer_id": command.customer_id, "occurrence": command.occurrence}
    body = json.dumps(said | {"data": command.options.get("data", {})}, ensure_ascii=False).encode()
    return Call(webhook.url, command.command_id, body, key)


def _public(host: str) -> bool:
    """Names are looked up by OnlyPublic; an address that stands in the url itself is not looked up and therefore judged here."""
    try:
        return host in _LOCAL or ip_address(host).is_global
    except ValueError:
        return bool(host)


def _key(secret: str) -> bytes:
    """`whsec_` marks base64 (Standard Webhooks 1.0.0, "Secrets"); anything else is taken as it is."""
    return base64.b64decode(secret.removeprefix("whsec_")) if secret.startswith("whsec_") else secret.encode()


class OnlyPublic(AbstractResolver):
    """Looks names up and gives only public addresses: no name in a policy is a way into the operator's own network."""

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC) -> list[ResolveResult]:
        """The addresses of a host; raises OSError when none is public. A host of this machine has to be named as such."""
        found = await asyncio.get_running_loop().getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
        addresses = [(kind, place[0]) for kind, _, _, _, place in found if host in _LOCAL or ip_address(place[0]).is_global]
        if not addresses:
            raise OSError("expected a public address")
        return [ResolveResult(hostname=host, host=str(address), port=port, family=kind, proto=0, flags=0) for kind, address in addresses]

    async def close(self) -> None:
        """Nothing is held."""


async def post(call: Call, now: int) -> Outcome:
    """What became of a call at `now` (real ms since 1970): 2xx is done, 5xx, 429 and silence come again, everything else is final."""
    try:
        async with (
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=OnlyPublic()), timeout=aiohttp.ClientTimeout(SECONDS)) as session,
            session.post(call.url, data=call.body, headers=call.headers(now), allow_redirects=False) as answer,
        ):
            await answer.content.read(LARGEST_ANSWER)
            return _judged(answer.status)
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        return Outcome(State.RETRY_AT, Category.WEBHOOK, f"expected an answer, got {type(error).__name__}")


def _judged(status: int) -> Outcome:
    if 200 <= status < 300:
        return SENT
    state = State.RETRY_AT if status >= 500 or status in {408, 429} else State.FAILED
    return Outcome(state, Category.WEBHOOK, f"expected 2xx, got {status}")


def _failed(reason: str) -> Outcome:
    return Outcome(State.FAILED, Category.WEBHOOK, reason)
