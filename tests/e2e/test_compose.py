"""The story on docker compose: as it comes up, and after each of its containers was killed and brought back."""

import json
import subprocess
from typing import Any

import pytest
from care_contracts.clock import DAY_MS
from care_contracts.reasons import Verdict

from tests.e2e.conftest import UP, Composed
from tests.e2e.story import tell, until

pytestmark = pytest.mark.compose

OURS = ("ingest", "outreach", "courier", "journal", "feedback")


async def test_a_bad_answer_to_our_question_reaches_a_person(composed: Composed) -> None:
    told = await tell(composed.world())

    assert told.answer.data["score"] == 1
    assert told.answer.time - told.order.time >= 3 * DAY_MS
    assert told.followup.verdict is Verdict.ALERTED


@pytest.mark.parametrize("service", [*OURS, "kafka", "postgres", "mailpit"])
async def test_what_was_killed_comes_back_and_the_story_goes_on(composed: Composed, service: str) -> None:
    composed.run("kill", service)
    composed.run(*UP)

    told = await tell(composed.world())

    assert told.followup.verdict is Verdict.ALERTED


@pytest.mark.parametrize("service", OURS)
async def test_a_process_that_ends_by_itself_is_started_again(composed: Composed, service: str) -> None:
    began = _container(composed, service)["StartedAt"]
    composed.run("exec", service, "python", "-c", "import os, signal; os.kill(1, signal.SIGTERM)")

    async def back() -> bool | None:
        state = _container(composed, service)
        return (state["StartedAt"] != began and state["Health"]["Status"] == "healthy") or None

    assert await until(f"{service} to be healthy again", back)


def _container(composed: Composed, service: str) -> dict[str, Any]:
    found = composed.run("ps", "--quiet", "--all", service).split()
    inspected = subprocess.run(["docker", "inspect", "--format", "{{json .State}}", found[0]], check=True, capture_output=True)
    state: dict[str, Any] = json.loads(inspected.stdout)
    return state
