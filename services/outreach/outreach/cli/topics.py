"""Creates the topics of the contracts' table on the broker, and says when existing ones do not fit it."""

from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from care_contracts.topics import TOPICS, Topic

_EXISTS = 36  # TOPIC_ALREADY_EXISTS, Kafka protocol guide, error codes


class TopicTrouble(RuntimeError):
    """A topic could not be created, or exists with another partition count than the aligned ones must share."""


async def create_topics(kafka: str, partitions: int, replication: int = 1, topics: Sequence[Topic] = TOPICS) -> list[str]:
    """Creates what is missing on the brokers `kafka` (HOST:PORT[,…]) and returns its names; raises TopicTrouble."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka, client_id="care-topics")
    await admin.start()
    try:
        rows = [NewTopic(topic.name, topic.partitions(partitions), replication, topic_configs=topic.config()) for topic in topics]
        answer = await admin.create_topics(rows)
        created = [name for name, code, message in answer.topic_errors if _created(name, code, message)]
        await _check(admin, topics, partitions)
        return created
    finally:
        await admin.close()


def _created(name: str, code: int, message: str | None) -> bool:
    if code not in {0, _EXISTS}:
        raise TopicTrouble(f"topic {name}: expected the broker to create it, got error {code}: {message}")
    return code == 0


async def _check(admin: AIOKafkaAdminClient, topics: Sequence[Topic], partitions: int) -> None:
    described: Sequence[Mapping[str, Any]] = await admin.describe_topics([topic.name for topic in topics])
    found = {row["topic"]: len(row["partitions"]) for row in described}
    for topic in topics:
        wanted, got = topic.partitions(partitions), found.get(topic.name, 0)
        if got != wanted:
            raise TopicTrouble(f"topic {topic.name}: expected {wanted} partitions (CARE_PARTITIONS), got {got}; a partition count cannot be changed in place")
