"""The story on the embedded broker with real processes."""

import asyncio
import os
import subprocess
import sys

import httpx
import pytest
from care_contracts.clock import DAY_MS
from care_contracts.reasons import Verdict

from deploy.embedded.services import PROGRAMS
from deploy.embedded.system import System
from tests.e2e.story import World, tell, until

pytestmark = [pytest.mark.embedded, pytest.mark.asyncio(loop_scope="session")]

LIMIT_MB = 450


async def test_a_bad_answer_to_our_question_reaches_a_person(world: World) -> None:
    told = await tell(world)

    assert told.answer.data["score"] == 1
    assert told.answer.data["order_id"] == told.order.data["order_id"]
    assert told.answer.time - told.order.time >= 3 * DAY_MS
    assert told.followup.verdict is Verdict.ALERTED


async def test_the_four_services_together_are_modest(world: World, system: System) -> None:
    await tell(world)
    assert 0 < system.resident_mb() < LIMIT_MB


async def test_every_service_says_that_it_is_ready_and_gives_figures(system: System) -> None:
    ports = system.plan.ports
    async with httpx.AsyncClient(trust_env=False) as client:
        for port in (ports.ingest, ports.feedback, ports.decide, ports.deliver, ports.journal):
            ready = await client.get(f"http://127.0.0.1:{port}/readyz")
            figures = await client.get(f"http://127.0.0.1:{port}/metrics")
            assert (ready.status_code, figures.status_code) == (200, 200), ready.text
            assert "# HELP" in figures.text


async def test_care_explain_tells_the_story_from_the_journal(world: World, system: System) -> None:
    told = await tell(world)

    async def explained() -> str | None:
        text = await asyncio.to_thread(_explain, system, told.order.customer_id)
        return text if 'asked the team "care" to take over\ntask.opened on ' in text else None

    text = await until("the journal to know of the follow-up", explained)
    assert 'sent the letter "checkin"\nthe mail server took it on ' in text
    assert "rules/checkin-after-delivery.yaml of playbook" in text
    assert "@example.com" not in text


def _explain(system: System, customer: str) -> str:
    """What the command prints, without its columns."""
    told = {"CARE_DATABASE_URL": f"sqlite:///{system.plan.database}", "CARE_PLAYBOOK": str(system.plan.playbook), "CARE_CLOCK": system.plan.clock}
    done = subprocess.run([sys.executable, "-m", "outreach.cli", "explain", customer], env=os.environ | told, capture_output=True, check=False, text=True)
    return "\n".join(line.strip() for line in done.stdout.splitlines()) if done.returncode == 0 else ""


async def test_what_the_services_log_names_no_customer_address(world: World, system: System) -> None:
    await tell(world)
    logs = {service: system.supervisor.log(service).read_text() for service in PROGRAMS}
    assert [service for service, text in logs.items() if "@example.com" in text] == []
    assert [service for service, text in logs.items() if world.api_key in text] == []
