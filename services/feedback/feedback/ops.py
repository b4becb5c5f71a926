"""What operators and supervisors ask: /healthz (is the process alive?), /readyz (what is it waiting for?) and /metrics."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from feedback.metrics import Metrics
from feedback.outbox import Outbox

_PATIENCE_S = 2.0

Check = Callable[[], Awaitable[bool]]


@dataclass(frozen=True)
class Ops:
    """Each of `checks` says whether something that the service stands on is there."""

    checks: Mapping[str, Check]
    outbox: Outbox
    metrics: Metrics

    async def healthz(self, _request: Request) -> Response:
        """200 while the process answers; a background task that fails ends the process by itself."""
        return PlainTextResponse("ok\n")

    async def readyz(self, _request: Request) -> Response:
        """200 when customers can be served, else 503; the body says what is there and what is not."""
        there = {name: await _holds(check) for name, check in self.checks.items()}
        return JSONResponse(there, 200 if all(there.values()) else 503)

    async def metrics_text(self, _request: Request) -> Response:
        """Prometheus' text format; the outbox is counted as long as the database is there."""
        await _holds(self._count_outbox)
        return Response(self.metrics.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def _count_outbox(self) -> bool:
        self.metrics.outbox.set(await self.outbox.waiting())
        return True


async def _holds(check: Check) -> bool:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return await check()
    except (SQLAlchemyError, TimeoutError):
        return False
