"""The ASGI application: addresses, refusals as problem details, and what runs as long as it does."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from ingest.edge import Edge
from ingest.events import EventsDesk
from ingest.pages import docs, openapi
from ingest.probes import Probes
from ingest.problems import FAILED, NOT_FOUND, TIMED_OUT, WRONG_METHOD, Refusal, answer

Lifespan = Callable[[], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def nothing_else() -> AsyncIterator[None]:
    """For an application that runs nothing besides answering."""
    yield


def build_app(desk: EventsDesk, alongside: Lifespan = nothing_else) -> ASGIApp:
    """The application around a desk; `alongside` is entered at start and left at shutdown."""
    probes = Probes(desk.publisher, desk.meters)
    routes = [
        Route("/v1/events", desk.post, methods=["POST"]),
        Route("/healthz", probes.healthz),
        Route("/readyz", probes.readyz),
        Route("/metrics", probes.metrics),
        Route("/openapi.json", openapi.page(desk.limits)),
        Route("/docs", docs.page(desk.limits)),
        Route("/", _to_docs),
    ]

    @asynccontextmanager
    async def lifespan(_app: Any) -> AsyncIterator[None]:
        async with alongside():
            yield

    handlers: dict[Any, Any] = {Refusal: _refused, HTTPException: _wrong_address, ClientDisconnect: _gone, Exception: _failed}
    inside = Starlette(routes=routes, exception_handlers=handlers, lifespan=lifespan)
    inside.router.redirect_slashes = False  # an address with a slash too many is a mistake, which a redirected POST would hide
    return Edge(inside, desk.meters)


async def _to_docs(_request: Request) -> Response:
    return RedirectResponse("/docs")


async def _refused(_request: Request, refusal: Refusal) -> Response:
    return answer(refusal)


async def _wrong_address(_request: Request, error: HTTPException) -> Response:
    kind = WRONG_METHOD if error.status_code == WRONG_METHOD.status else NOT_FOUND
    return answer(Refusal(kind, kind.advice, headers=error.headers))


async def _gone(_request: Request, _error: ClientDisconnect) -> Response:
    """Nobody will read it; it only ends the request."""
    return answer(Refusal(TIMED_OUT))


async def _failed(_request: Request, _error: Exception) -> Response:
    return answer(Refusal(FAILED, FAILED.advice))
