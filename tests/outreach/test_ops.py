"""The operators' port."""

from collections.abc import AsyncIterator

import httpx
import pytest
from outreach.ops import Ops
from prometheus_client import CollectorRegistry, Counter


class Process:
    """What the checks look at."""

    dead = ""
    busy = ""


@pytest.fixture
def process() -> Process:
    return Process()


@pytest.fixture
async def ops(process: Process) -> AsyncIterator[httpx.AsyncClient]:
    registry = CollectorRegistry()
    Counter("care_letters", "letters", registry=registry).inc(3)
    port = Ops(registry, alive=lambda: process.dead, ready=lambda: process.busy)
    number = await port.start("127.0.0.1", 0)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{number}") as client:
        yield client
    await port.stop()


async def test_a_process_that_is_well_says_so(ops: httpx.AsyncClient) -> None:
    assert [(await ops.get(path)).status_code for path in ("/healthz", "/readyz")] == [200, 200]


async def test_a_process_that_is_not_ready_says_why_and_is_alive(ops: httpx.AsyncClient, process: Process) -> None:
    process.busy = "waiting for care.events"
    answer = await ops.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "waiting for care.events\n")
    assert (await ops.get("/healthz")).status_code == 200


async def test_a_process_that_is_not_alive_says_why(ops: httpx.AsyncClient, process: Process) -> None:
    process.dead = "no progress"
    assert (await ops.get("/healthz")).status_code == 503


async def test_prometheus_reads_the_metrics(ops: httpx.AsyncClient) -> None:
    answer = await ops.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "care_letters_total 3.0" in answer.text
