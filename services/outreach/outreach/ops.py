"""The operators' HTTP port of a process: /healthz, /readyz and /metrics."""

from collections.abc import Callable

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

Check = Callable[[], str]


class Ops:
    """Serves as long as it is started. A check gives "" when all is well, else what is wrong, in words.

    `remark` is what an operator should know although the process is ready.
    """

    def __init__(self, registry: CollectorRegistry, *, alive: Check, ready: Check, remark: Check = lambda: "") -> None:
        async def healthz(_: web.Request) -> web.Response:
            return _answer(alive())

        async def readyz(_: web.Request) -> web.Response:
            return _answer(ready(), remark())

        async def metrics(_: web.Request) -> web.Response:
            return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

        routes = [web.get("/healthz", healthz), web.get("/readyz", readyz), web.get("/metrics", metrics)]
        application = web.Application()
        application.add_routes(routes)
        self._runner = web.AppRunner(application, access_log=None)

    async def start(self, host: str, port: int) -> int:
        """Listens, and gives the port, which the system chose when `port` is 0; raises OSError when it is taken."""
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        address: tuple[str, int] = self._runner.addresses[0]
        return address[1]

    async def stop(self) -> None:
        """Stops listening."""
        await self._runner.cleanup()


def _answer(problem: str, remark: str = "") -> web.Response:
    words = "; ".join(filter(None, (problem or "ok", remark)))
    return web.Response(status=503 if problem else 200, text=f"{words}\n")
