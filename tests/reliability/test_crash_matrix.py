"""A short piece of the crash matrix: real deciders die at the worst points under load, and what they decided is what the pure core decides.

All of it, at every point: `make crash-matrix`.
"""

import shutil
from pathlib import Path

import pytest
from outreach.stream.faults import Point

from deploy.reliability.nodes import Embedded, Jars, Node
from deploy.reliability.scene import staged
from deploy.reliability.trials import Trial, broker_crashed, killed

ON_EMBEDDED = killed("killed", (Point.OUTPUTS_HALF_SENT, Point.STATE_WRITTEN, Point.DURING_RECOVERY))
ON_KAFKA = killed("killed", (Point.OUTPUTS_ACKNOWLEDGED, Point.CHANGELOG_HALF_WRITTEN))


async def tried(node: Node, folder: Path, *trials: Trial) -> None:
    async with staged(node, folder) as scene:
        for trial in trials:
            await trial.what(scene, 1)
        verdict = await scene.judged()
    assert verdict.outputs > 100
    assert (verdict.lost, verdict.wrong, verdict.lines()) == (0, 0, [])


@pytest.mark.embedded
async def test_deciders_that_die_while_they_work_lose_nothing_and_decide_nothing_twice(tmp_path: Path) -> None:
    await tried(Embedded(), tmp_path, ON_EMBEDDED)


@pytest.mark.kafka
@pytest.mark.skipif(
    not (shutil.which("java") and shutil.which("mvn")), reason="a broker that can be killed is started from its jars: java and mvn are not both on PATH"
)
async def test_nor_do_they_on_apache_kafka_and_when_it_crashes_itself(tmp_path: Path) -> None:
    await tried(Jars(tmp_path), tmp_path, ON_KAFKA, Trial("broker crashed", broker_crashed))
