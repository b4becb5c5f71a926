"""The web side of the catcher: the inbox page and the JSON API that the driver and the tests read."""

from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from deploy.embedded.catcher.mailbox import Caught, Mailbox
from deploy.embedded.catcher.reading import read

PAGE = Path(__file__).with_name("page")
MAX_LIMIT = 1000
OWN_POLICY = {"Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'", "X-Content-Type-Options": "nosniff"}
# A mail is foreign matter: no scripts, nothing from the network, links only into new windows.
MAIL_POLICY = {
    "Content-Security-Policy": "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    "X-Content-Type-Options": "nosniff",
}


def _row(mailbox: Mailbox, mail: Caught) -> dict[str, Any]:
    return {
        "number": mail.number,
        "arrived": mail.arrived,
        "message_id": mail.message_id,
        "from": mail.sender,
        "to": mail.to,
        "subject": mail.subject,
        "size": len(mail.raw),
        "deliveries": mailbox.deliveries[mail.message_id],
    }


class Inbox:
    """The endpoints over one mailbox."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def messages(self, request: Request) -> Response:
        """`?after=N&limit=`: the mails after number N, oldest first; else `?q=&before=&limit=`: newest first."""
        limit = min(_number(request, "limit", 100), MAX_LIMIT)
        if "after" in request.query_params:
            mails = self._mailbox.after(_number(request, "after", 0), limit)
        else:
            mails = self._mailbox.newest(request.query_params.get("q", ""), _number(request, "before", 0), limit)
        return JSONResponse({"total": self._mailbox.total, "messages": [_row(self._mailbox, mail) for mail in mails]})

    async def message(self, request: Request) -> Response:
        """One mail taken apart: headers, text, html, raw, links."""
        mail = self._mail(request)
        letter = read(mail.raw)
        parts = {"headers": letter.headers, "text": letter.text, "html": letter.html, "links": letter.links}
        return JSONResponse(_row(self._mailbox, mail) | parts | {"raw": mail.raw.decode("utf-8", "replace")})

    async def counts(self, _request: Request) -> Response:
        """How often each Message-ID was delivered."""
        return JSONResponse({"total": self._mailbox.total, "deliveries": self._mailbox.deliveries})

    async def html(self, request: Request) -> Response:
        """The HTML part, for the sandboxed frame."""
        return HTMLResponse('<base target="_blank">' + read(self._mail(request).raw).html, headers=MAIL_POLICY)

    async def raw(self, request: Request) -> Response:
        """The source."""
        return PlainTextResponse(self._mail(request).raw, headers=MAIL_POLICY)

    def _mail(self, request: Request) -> Caught:
        mail = self._mailbox.mails.get(request.path_params["number"])
        if mail is None:
            raise HTTPException(404, "no such mail (any more)")
        return mail


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, str(default))
    if not text.isdecimal():
        raise HTTPException(400, f"{name}: expected a number, got {text[:20]!r}")
    return int(text)


async def _page(request: Request) -> Response:
    name = request.path_params.get("file", "inbox.html")
    if name not in {"inbox.html", "inbox.css", "inbox.js", "icon.svg"}:
        raise HTTPException(404)
    return FileResponse(PAGE / name, headers=OWN_POLICY)


async def _healthy(_request: Request) -> Response:
    return PlainTextResponse("ok")


def application(mailbox: Mailbox) -> Starlette:
    """The inbox over `mailbox`."""
    inbox = Inbox(mailbox)
    return Starlette(
        routes=[
            Route("/", _page),
            Route("/healthz", _healthy),
            Route("/api/messages", inbox.messages),
            Route("/api/counts", inbox.counts),
            Route("/api/messages/{number:int}", inbox.message),
            Route("/api/messages/{number:int}/html", inbox.html),
            Route("/api/messages/{number:int}/raw", inbox.raw),
            Route("/{file}", _page),
        ]
    )
