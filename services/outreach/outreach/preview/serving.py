"""The preview page on this machine: it follows every saved file, shows letters in frames without rights, and asks nobody outside for anything."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

from outreach.playbook.files import read_files, text_of
from outreach.preview.page import Choice, Page, Scene
from outreach.preview.samples import Sample
from outreach.preview.scheme import SCHEMES, in_scheme
from outreach.preview.watching import Watched

HOST = "127.0.0.1"
_OUR_RIGHTS = "script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; img-src data:; form-action 'self'"
OUR_CSP = f"default-src 'none'; {_OUR_RIGHTS}; base-uri 'none'; frame-ancestors 'none'"
# A letter is somebody's content: its own styles and nothing else, no scripts, no pictures from outside, no way out of its frame.
_ITS_RIGHTS = "style-src 'unsafe-inline'; img-src data:; sandbox allow-same-origin"
LETTER_CSP = f"default-src 'none'; {_ITS_RIGHTS}; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
_ALWAYS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
_KINDS = {"page.css": "text/css", "page.js": "text/javascript"}


class Preview:
    """Serves as long as it runs; `extra` is who else a letter may be shown for. Raises FileNotFoundError when there is no such playbook."""

    def __init__(self, playbook: Path, public_url: str, extra: Mapping[str, Sample] | None = None) -> None:
        self._path = playbook
        self._watched = Watched(playbook)
        self._page = Page(public_url, extra)
        routes = [web.get("/", self._show), web.get("/letter", self._letter), web.get("/changes", self._changes)]
        self._application = web.Application(middlewares=[_only_here])
        self._application.add_routes([*routes, *(web.get(f"/{name}", _asset(name)) for name in _KINDS)])

    @asynccontextmanager
    async def running(self, port: int = 0) -> AsyncIterator[str]:
        """Listens on this machine alone, and gives the page's address; `port` 0 is a free one. Raises OSError when it is taken."""
        runner = web.AppRunner(self._application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        watching = asyncio.create_task(self._watched.run())
        try:
            await web.TCPSite(runner, HOST, port).start()
            yield f"http://{HOST}:{runner.addresses[0][1]}/"
        finally:
            watching.cancel()
            await runner.cleanup()

    async def _scene(self, request: web.Request) -> Scene:
        asked = request.query
        choice = Choice(asked.get("letter", ""), asked.get("language", ""), asked.get("for", ""))
        return await asyncio.to_thread(self._page.scene, self._watched.folder, choice)

    async def _show(self, request: web.Request) -> web.Response:
        scene = await self._scene(request)
        lines = await asyncio.to_thread(_lines, self._path) if self._watched.folder.problems else {}
        return _answer(self._page.html(self._watched.folder, scene, lines), "text/html", OUR_CSP)

    async def _letter(self, request: web.Request) -> web.Response:
        scheme = request.query.get("scheme", "")
        html = (await self._scene(request)).shown.html
        return _answer(in_scheme(html, scheme if scheme in SCHEMES else SCHEMES[0]), "text/html", LETTER_CSP)

    async def _changes(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={**_ALWAYS, "Content-Type": "text/event-stream"})
        await response.prepare(request)
        async for version in self._watched.versions():
            await response.write(f"data: {version}\n\n".encode())
        return response


@web.middleware
async def _only_here(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuses whoever reached us under a foreign name: a page elsewhere must not read letters through a name that leads here (DNS rebinding)."""
    if request.url.host not in (HOST, "localhost"):
        raise web.HTTPMisdirectedRequest
    return await handler(request)


def _asset(name: str) -> Handler:
    content = files(__package__).joinpath(name).read_text("utf-8")

    async def asset(_: web.Request) -> web.Response:
        return _answer(content, _KINDS[name], "default-src 'none'")

    return asset


def _answer(text: str, kind: str, policy: str) -> web.Response:
    return web.Response(text=text, content_type=kind, charset="utf-8", headers={**_ALWAYS, "Content-Security-Policy": policy})


def _lines(path: Path) -> dict[str, list[str]]:
    try:
        return {name: text_of(content, "replace").split("\n") for name, content in read_files(path).items()}
    except OSError:
        return {}
