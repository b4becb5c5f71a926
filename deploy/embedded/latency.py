"""How long it takes from an accepted event (its 202 received) to the mail at the catcher, at the speed of life on an idle system."""

import asyncio
import json
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import httpx
from care_contracts.clock import Clock
from rich.console import Console

from deploy.embedded.driver.posting import Poster
from deploy.embedded.driver.story import Fact
from deploy.embedded.plan import Plan
from deploy.embedded.system import System, running

PLAYBOOK = Path(__file__).with_name("quick_playbook")
PER_SECOND = 20
WARM_UP = 40
PATIENCE_S = 60.0
BATCH = 1000


def share(values: list[float], quantile: float) -> float:
    """The value below which that share of the (sorted) values lies."""
    return values[min(len(values) - 1, round(quantile * len(values)))]


async def latency(plan: Plan, events: int, console: Console) -> str:
    """One line of JSON: milliseconds of the middle and of the slowest hundredth, and the memory of the four services."""
    async with running(replace(plan, playbook=PLAYBOOK)) as system, httpx.AsyncClient(trust_env=False, timeout=10) as client:
        console.print(f"{events:,} events at {PER_SECOND} a second on {system.broker.note}")
        poster = Poster(client, plan.ingest, plan.secret("api_key"))
        await _post(poster, "warm", WARM_UP)
        await _arrivals(client, plan, WARM_UP)
        accepted = await _post(poster, "measured", events)
        arrived = await _arrivals(client, plan, WARM_UP + events)
        return _report(system, accepted, arrived)


async def _post(poster: Poster, name: str, count: int) -> dict[str, float]:
    """When each address's event was accepted, in real ms since 1970."""
    accepted: dict[str, float] = {}

    async def one(number: int) -> None:
        who = f"{name}-{number:05}"
        fact = Fact(Clock().now(), f"{who}.created", "shop", "customer.created", who, {"email": f"{who}@mail.example", "first_name": "Ada"})
        await poster.post(fact)
        accepted[f"{who}@mail.example"] = time.time() * 1000

    began = time.monotonic()
    async with asyncio.TaskGroup() as tasks:
        for number in range(count):
            tasks.create_task(one(number))
            await asyncio.sleep(max(0.0, began + (number + 1) / PER_SECOND - time.monotonic()))
    return accepted


async def _arrivals(client: httpx.AsyncClient, plan: Plan, count: int) -> dict[str, float]:
    """When each address's mail arrived, in real ms since 1970, as soon as there are `count`."""
    arrived: dict[str, float] = {}
    until, read = time.monotonic() + PATIENCE_S, 0
    while len(arrived) < count and time.monotonic() < until:
        rows = (await client.get(f"{plan.inbox}/api/messages", params={"after": read, "limit": BATCH})).json()["messages"]
        arrived |= {row["to"]: row["arrived"] for row in rows}
        read = rows[-1]["number"] if rows else read
        await asyncio.sleep(0.2)
    return arrived


def _report(system: System, accepted: dict[str, float], arrived: dict[str, float]) -> str:
    took = sorted(_differences(accepted, arrived))
    if len(took) < len(accepted):
        raise RuntimeError(f"expected {len(accepted)} mails within {PATIENCE_S:g} s, got {len(took)}; logs in {system.plan.folder / 'logs'}")
    figures = {"p50_ms": round(share(took, 0.5), 1), "p99_ms": round(share(took, 0.99), 1), "rss_mb": round(system.resident_mb())}
    return json.dumps({"broker": system.broker.name, "n": len(took)} | figures)


def _differences(accepted: dict[str, float], arrived: dict[str, float]) -> Iterable[float]:
    return (arrived[address] - moment for address, moment in accepted.items() if address in arrived)
