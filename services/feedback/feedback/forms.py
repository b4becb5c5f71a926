"""Forms from outside: bounded in size and number of fields, url-encoded or multipart, never with a file."""

import asyncio

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONGEST_FORM = 64 * 1024  # bytes: 2,000 characters of four bytes each, percent-encoded, are 24,000
LONGEST_CALL = 1024 * 1024  # bytes: a provider tells of up to a thousand letters at once
LONGEST_WAIT = 10.0  # seconds for the whole body
_MOST_FIELDS = 20


async def read_form(request: Request) -> FormData:
    """The form in the body, empty for any other body; raises HTTPException: 400 when it cannot be read, 408 when it takes too long to come."""
    try:
        async with asyncio.timeout(LONGEST_WAIT):
            return await request.form(max_files=0, max_fields=_MOST_FIELDS, max_part_size=LONGEST_FORM)
    except TimeoutError as error:
        raise HTTPException(408) from error


class BoundedBodies:
    """ASGI middleware: a body beyond LONGEST_FORM bytes (LONGEST_CALL for a provider's) ends in HTTPException 413, whether or not its length was announced."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Counts what is received."""
        received, longest = 0, LONGEST_CALL if str(scope.get("path")).startswith("/hooks/") else LONGEST_FORM

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > longest:
                raise HTTPException(413)
            return message

        await self._app(scope, counted if scope["type"] == "http" else receive, send)
