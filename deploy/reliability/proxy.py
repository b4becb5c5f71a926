"""A TCP proxy between a worker and its broker that can be slow, silent or closed, as networks are."""

import asyncio
from contextlib import suppress

_CHUNK = 16 * 1024
_LOOK_S = 0.05


class Proxy:
    """Forwards 127.0.0.1:`listens` to 127.0.0.1:`target`. While `silent` nothing gets through and nobody is told."""

    def __init__(self, listens: int, target: int) -> None:
        self._listens = listens
        self._target = target
        self._server: asyncio.Server | None = None
        self._pumps: set[asyncio.Task[None]] = set()
        self.silent = False
        self.delay_s = 0.0

    async def start(self) -> None:
        """Listens."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._listens)

    async def stop(self) -> None:
        """Ends, with every connection."""
        if self._server:
            self._server.close()
        self.reset()
        await asyncio.gather(*self._pumps, return_exceptions=True)

    def reset(self) -> None:
        """Closes every connection; new ones are welcome."""
        for pump in self._pumps:
            pump.cancel()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.close()
            return
        for come, go in ((reader, far_writer), (far_reader, writer)):
            pump = asyncio.create_task(self._pump(come, go))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError):
                while chunk := await reader.read(_CHUNK):
                    await asyncio.sleep(self.delay_s)
                    while self.silent:  # noqa: ASYNC110 - a cut has no event to wait for
                        await asyncio.sleep(_LOOK_S)
                    writer.write(chunk)
                    await writer.drain()
        finally:
            writer.close()
