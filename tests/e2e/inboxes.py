"""How to read the mail that was caught: by the catcher of the embedded system, by mailpit."""

from dataclasses import dataclass

import httpx


@dataclass(frozen=True)
class Catcher:
    """The catcher of deploy/embedded at `url`."""

    url: str

    async def texts_to(self, address: str) -> list[str]:
        """The text parts of the mails to `address`."""
        async with httpx.AsyncClient(base_url=self.url, timeout=30, trust_env=False) as client:
            rows = (await client.get("/api/messages", params={"q": address})).json()["messages"]
            return [(await client.get(f"/api/messages/{row['number']}")).json()["text"] for row in rows if row["to"] == address]


@dataclass(frozen=True)
class Mailpit:
    """Mailpit's API version 1 at `url`."""

    url: str

    async def texts_to(self, address: str) -> list[str]:
        """The text parts of the mails to `address`; none while mailpit is away."""
        async with httpx.AsyncClient(base_url=f"{self.url}/api/v1", timeout=30, trust_env=False) as client:
            try:
                rows = (await client.get("/search", params={"query": f'to:"{address}"'})).json()["messages"]
                return [(await client.get(f"/message/{row['ID']}")).json()["Text"] for row in rows]
            except httpx.TransportError:
                return []
