"""How much a client may send, and the reading of a request's body within that."""

import asyncio
from dataclasses import dataclass

from starlette.requests import Request

from ingest.problems import TIMED_OUT, TOO_LARGE, UNSUPPORTED, Refusal

MEDIA_TYPES = ("application/json", "application/cloudevents+json", "application/cloudevents-batch+json")


@dataclass(frozen=True)
class Limits:
    """Sizes in bytes, `depth` in nested objects and lists, `patience` in seconds."""

    body: int = 262_144
    event: int = 32_768
    depth: int = 16
    events: int = 500
    patience: float = 10.0


def expect_json(request: Request) -> None:
    """Refuses bodies that do not say they are JSON, and compressed ones (RFC 9110 sections 8.3, 8.4 and 15.5.16)."""
    kind, _, _ = request.headers.get("content-type", "").partition(";")
    if kind.strip().lower() not in MEDIA_TYPES:
        raise Refusal(UNSUPPORTED, f"expected Content-Type: {MEDIA_TYPES[0]}", headers={"Accept": ", ".join(MEDIA_TYPES)})
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Refusal(UNSUPPORTED, "expected a body without Content-Encoding", headers={"Accept-Encoding": "identity"})


async def read_body(request: Request, limits: Limits) -> bytes:
    """The whole body; refuses one that is too large, as soon as that is known, or too slow."""
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared[:20]) > limits.body:
        raise _too_large(limits)
    try:
        async with asyncio.timeout(limits.patience):
            return await _collect(request, limits)
    except TimeoutError as error:
        raise Refusal(TIMED_OUT, f"expected the whole body within {limits.patience:g} seconds", headers={"Connection": "close"}) from error


async def _collect(request: Request, limits: Limits) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limits.body:
            raise _too_large(limits)
    return bytes(body)


def _too_large(limits: Limits) -> Refusal:
    return Refusal(TOO_LARGE, f"expected a body of at most {limits.body} bytes; send several requests", headers={"Connection": "close"})
