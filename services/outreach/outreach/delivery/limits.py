"""How much we ask of a mail server and of one recipient domain at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Limits:
    """`per_second` messages handed in, and `per_domain` at once to the addresses of one domain; 0 is no limit."""

    per_second: float = 0
    per_domain: int = 0
    _next: float = 0.0
    _rooms: dict[str, tuple[asyncio.Semaphore, list[None]]] = field(default_factory=dict)

    async def turn(self) -> None:
        """Returns when the next message may be handed in; evenly, without bursts."""
        if not self.per_second:
            return
        now = asyncio.get_running_loop().time()
        mine = max(now, self._next)
        self._next = mine + 1 / self.per_second
        await asyncio.sleep(mine - now)

    @asynccontextmanager
    async def room(self, address: str) -> AsyncIterator[None]:
        """Inside, at most `per_domain` are inside for the domain of `address`."""
        if not self.per_domain:
            yield
            return
        domain = address.rpartition("@")[2].lower()
        room, users = self._rooms.setdefault(domain, (asyncio.Semaphore(self.per_domain), []))
        users.append(None)
        try:
            async with room:
                yield
        finally:
            users.pop()
            if not users:
                self._rooms.pop(domain, None)
