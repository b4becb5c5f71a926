"""Posts events to the ingest API and repeats each with the same id until it is accepted."""

import asyncio
from dataclasses import dataclass, field

import httpx

from deploy.embedded.driver.story import Fact

PAUSE_S = 0.25
TRY_AGAIN = frozenset({429, 500, 502, 503, 504})


class Refused(RuntimeError):
    """The API says that the event itself is wrong; repeating it would not help."""


@dataclass
class Poster:
    """`accepted` holds (source, id) of every event that was answered 202."""

    client: httpx.AsyncClient
    url: str
    key: str
    accepted: set[tuple[str, str]] = field(default_factory=set)
    repeats: int = 0

    async def post(self, fact: Fact) -> None:
        """Returns when the event is accepted; raises Refused when it never will be."""
        while not await self._try(fact):
            self.repeats += 1
            await asyncio.sleep(PAUSE_S)
        self.accepted.add((fact.source, fact.id))

    async def _try(self, fact: Fact) -> bool:
        try:
            answer = await self.client.post(f"{self.url}/v1/events", json=fact.body(), headers={"Authorization": f"Bearer {self.key}"})
        except httpx.TransportError:
            return False
        if answer.status_code == 202:
            return True
        if answer.status_code in TRY_AGAIN:
            return False
        raise Refused(f"{fact.type}: expected 202, got {answer.status_code}: {answer.text[:500]}")
