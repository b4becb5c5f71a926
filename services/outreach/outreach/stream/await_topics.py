"""Waiting until there is a broker and it has the topics, each with the partition count that everybody relies on."""

import asyncio
import logging
from collections.abc import Callable, Mapping

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from care_contracts.topics import DEAD, DECISIONS, EVENTS, OUTREACH, PLAYBOOKS, TICKS

log = logging.getLogger(__name__)

NEEDED = (EVENTS, TICKS, OUTREACH, DECISIONS, PLAYBOOKS, DEAD)
_LONGEST_PAUSE = 5.0


class WrongPartitions(RuntimeError):
    """A topic has another partition count than configured: customers would be looked for in the wrong partition."""


async def topics_there(kafka: str, partitions: int, waiting_for: Callable[[str], None]) -> None:
    """Returns when all topics are there; says what it waits for meanwhile; raises WrongPartitions."""
    pause = 0.1
    while problem := await _problem(kafka, partitions):
        waiting_for(problem)
        log.warning("waiting for %s", problem)
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)


def missing(counts: Mapping[str, int], partitions: int) -> str:
    """The topics that are not there yet, by name; raises WrongPartitions for one that is there and is not as configured."""
    for topic in NEEDED:
        count = counts.get(topic.name, 0)
        if count not in (0, topic.partitions(partitions)):
            raise WrongPartitions(f"{topic.name}: expected {topic.partitions(partitions)} partitions, got {count}")
    return ", ".join(topic.name for topic in NEEDED if not counts.get(topic.name))


async def _problem(kafka: str, partitions: int) -> str:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka, request_timeout_ms=5000)
    try:
        await admin.start()
        answer = await admin.describe_topics([topic.name for topic in NEEDED])
    except KafkaError as error:
        return f"the broker ({type(error).__name__})"
    finally:
        await admin.close()
    return missing({each["topic"]: len(each["partitions"]) for each in answer}, partitions)
