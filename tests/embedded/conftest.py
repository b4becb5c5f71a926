"""A running embedded system for a whole test session."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from care_contracts.clock import DAY_MS, parse_rfc3339

from deploy.embedded.plan import Plan, ports
from deploy.embedded.system import System, running
from tests.e2e.inboxes import Catcher
from tests.e2e.story import A_DAY_IN_THREE_SECONDS, World

MONDAY_MORNING = parse_rfc3339("2026-03-02T10:00:00Z")
DAYS_PER_SECOND = A_DAY_IN_THREE_SECONDS * 1000 / DAY_MS
LEAD_S = 5.0


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    """All processes, real, on the broker that `make demo` would take; a day passes in three seconds."""
    plan = Plan(tmp_path_factory.mktemp("embedded"), ports(well_known=False)).starting_clock(MONDAY_MORNING, DAYS_PER_SECOND, LEAD_S)
    async with running(plan) as started:
        yield started


@pytest.fixture(scope="session")
def world(system: System) -> World:
    """The running system as the story sees it."""
    plan = system.plan
    return World(plan.ingest, plan.kafka, plan.secret("api_key"), plan.the_clock(), Catcher(plan.inbox))
