"""What every response passes on its way out: security headers, and the stopwatch for the event requests."""

import time
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ingest.metrics import Meters

HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
TIMED = "/v1/events"


@dataclass(frozen=True)
class Edge:
    """The outermost layer; a page that brings its own policy keeps it."""

    app: ASGIApp
    meters: Meters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(pair for pair in HEADERS if pair[0] not in own)]
                if scope["path"] == TIMED:
                    self.meters.seconds.labels(message["status"]).observe(time.perf_counter() - began)
            await send(message)

        await self.app(scope, receive, send_on)
