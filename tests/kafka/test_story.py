"""The story on Apache Kafka with the real service processes, and again right after each of them was killed."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from care_contracts.clock import DAY_MS, parse_rfc3339
from care_contracts.reasons import Verdict

from deploy.embedded.broker import Broker
from deploy.embedded.plan import Plan, ports
from deploy.embedded.services import SERVICES
from deploy.embedded.system import System, running
from tests.e2e.inboxes import Catcher
from tests.e2e.story import A_DAY_IN_THREE_SECONDS, World, tell

pytestmark = [pytest.mark.kafka, pytest.mark.asyncio(loop_scope="module")]

DAYS_PER_SECOND = A_DAY_IN_THREE_SECONDS * 1000 / DAY_MS


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def system(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    port = int(kafka.rpartition(":")[2])
    free = ports(well_known=False)
    plan = Plan(tmp_path_factory.mktemp("system"), type(free)(**(vars(free) | {"kafka": port})), extra={"CARE_KAFKA_IDEMPOTENCE": "true"})
    plan = plan.starting_clock(parse_rfc3339("2026-03-02T10:00:00Z"), DAYS_PER_SECOND, lead_s=0)
    async with running(plan, Broker("kafka", "the Apache Kafka of this lane")) as system:
        yield system


def world(system: System) -> World:
    plan = system.plan
    return World(plan.ingest, plan.kafka, plan.secret("api_key"), plan.the_clock(), Catcher(plan.inbox))


async def test_a_bad_answer_to_our_question_reaches_a_person(system: System) -> None:
    told = await tell(world(system))

    assert told.answer.data["score"] == 1
    assert told.answer.data["order_id"] == told.order.data["order_id"]
    assert told.answer.time - told.order.time >= 3 * DAY_MS
    assert told.followup.verdict is Verdict.ALERTED


@pytest.mark.parametrize("service", SERVICES)
async def test_the_story_goes_on_after_a_service_was_killed_and_nothing_is_sent_twice(system: System, service: str) -> None:
    restarts = system.supervisor.restarts[service]
    system.supervisor.kill(service)

    told = await tell(world(system))

    assert told.followup.verdict is Verdict.ALERTED
    assert system.supervisor.restarts[service] == restarts + 1
    async with httpx.AsyncClient(trust_env=False) as client:
        deliveries = (await client.get(f"{system.plan.inbox}/api/counts")).json()["deliveries"]
    assert set(deliveries.values()) == {1}
