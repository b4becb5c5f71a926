"""The web application: which page is where, and which page tells a customer that something went wrong."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import uvicorn
from care_contracts.links import BadLink, ExpiredLink
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from feedback.entrance import NotKnownYet
from feedback.forms import BoundedBodies
from feedback.ops import Ops
from feedback.outbox import NotConfirmed
from feedback.pages import Pages
from feedback.preferences_page import PreferencesPage
from feedback.providers.hooks import Hooks
from feedback.survey_page import SurveyPage
from feedback.unsubscribe_page import UnsubscribePage

_SOON = {"Retry-After": "5"}

_NOTICES: Mapping[type[Exception], tuple[str, int, dict[str, str]]] = {
    BadLink: ("not_found", 404, {}),
    ExpiredLink: ("expired", 410, {}),
    NotKnownYet: ("not_yet", 503, _SOON),
    NotConfirmed: ("kept", 503, _SOON),
    SQLAlchemyError: ("away", 503, _SOON),
    ClientDisconnect: ("not_understood", 400, {}),
    Exception: ("broken", 500, {}),
}

Handler = Callable[[Request, Exception], Awaitable[Response]]


def application(pages: Pages, survey: SurveyPage, unsubscribe: UnsubscribePage, preferences: PreferencesPage, ops: Ops, hooks: Hooks) -> Starlette:
    """What uvicorn serves."""
    routes = [
        Route("/s/{token}", survey.show, methods=["GET"]),
        Route("/s/{token}", survey.take, methods=["POST"]),
        Route("/u/{token}", unsubscribe.show, methods=["GET"]),
        Route("/u/{token}", unsubscribe.act, methods=["POST"]),
        Route("/p/{token}", preferences.show, methods=["GET"]),
        Route("/p/{token}", preferences.save, methods=["POST"]),
        Route("/hooks/{provider}", hooks.take, methods=["POST"]),
        Route("/healthz", ops.healthz),
        Route("/readyz", ops.readyz),
        Route("/metrics", ops.metrics_text),
    ]
    handlers: dict[Any, Any] = {error: _notice(pages, *notice) for error, notice in _NOTICES.items()} | {HTTPException: _refusal(pages)}
    return Starlette(routes=routes, middleware=[Middleware(BoundedBodies)], exception_handlers=handlers)


def web_server(app: Starlette, host: str, port: int) -> uvicorn.Server:
    """The HTTP server, without an access log, because paths hold tokens; the same parts wherever it runs."""
    return uvicorn.Server(
        uvicorn.Config(
            app, host, port, loop="asyncio", http="h11", lifespan="off", access_log=False, log_config=None, server_header=False, timeout_graceful_shutdown=5
        )
    )


def _notice(pages: Pages, name: str, status: int, headers: dict[str, str]) -> Handler:
    async def handle(request: Request, _error: Exception) -> Response:
        return pages.notice(request, name, status, headers)

    return handle


def _refusal(pages: Pages) -> Callable[[Request, HTTPException], Awaitable[Response]]:
    """Starlette's own refusals: no such page, another method, a form that cannot be read or is too long."""

    async def handle(request: Request, error: HTTPException) -> Response:
        name = "not_found" if error.status_code == 404 else "not_understood"
        return pages.notice(request, name, error.status_code, dict(error.headers or {}))

    return handle
