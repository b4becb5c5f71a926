"""The application as it is, with a publisher that keeps records in a list, and two callers."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import httpx
import pytest
from care_contracts.clock import Clock, parse_rfc3339
from ingest.app import build_app
from ingest.events import EventsDesk
from ingest.keys import api_keys, new_key
from ingest.limits import Limits
from ingest.metrics import Meters
from ingest.publisher import Record, Unconfirmed

NOW = parse_rfc3339("2026-03-02T10:00:00Z")
SHOP, SHOP_ENTRY = new_key("shop")
DESK, DESK_ENTRY = new_key("helpdesk")
LIMITS = Limits(body=20_000, event=2_000, depth=6, events=5, patience=0.2)


@dataclass
class Shelf:
    """A publisher on which records can be looked at; `ready` false is a broker that is away."""

    ready: bool = True
    records: list[Record] = field(default_factory=list)
    aside: list[Record] = field(default_factory=list)

    async def publish(self, records: Sequence[Record]) -> None:
        if not self.ready:
            raise Unconfirmed("the broker is not connected")
        self.records += records

    def set_aside(self, record: Record) -> None:
        self.aside.append(record)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
async def shop(shelf: Shelf) -> AsyncIterator[httpx.AsyncClient]:
    """A shop with a valid key."""
    clock = Clock(start=NOW, anchor=NOW, real=lambda: NOW / 1000)
    app = build_app(EventsDesk(api_keys(f"{SHOP_ENTRY},{DESK_ENTRY}"), LIMITS, shelf, clock, Meters()))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://care.example", headers={"Authorization": f"Bearer {SHOP}"}) as client:
        yield client


@pytest.fixture
def helpdesk_key() -> str:
    return DESK
