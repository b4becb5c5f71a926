"""The topics that are created on Apache Kafka are those of the contracts' table, and creating them again changes nothing."""

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from care_contracts.topics import TOPICS
from outreach.cli.topics import TopicTrouble, create_topics

pytestmark = pytest.mark.kafka


async def test_topics_have_the_partitions_and_the_retention_of_the_table(kafka: str) -> None:
    await create_topics(kafka, 12)

    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        described = await admin.describe_topics([topic.name for topic in TOPICS])
        settings = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic.name) for topic in TOPICS])
    finally:
        await admin.close()

    assert {row["topic"]: len(row["partitions"]) for row in described} == {topic.name: topic.partitions(12) for topic in TOPICS}
    kept = {resource[3]: {row[0]: row[1] for row in resource[4]} for answer in settings for resource in answer.resources}
    assert {name: {key: kept[name][key] for key in ("retention.ms", "cleanup.policy")} for name in kept} == {topic.name: topic.config() for topic in TOPICS}


async def test_creating_them_again_creates_nothing(kafka: str) -> None:
    await create_topics(kafka, 12)

    assert await create_topics(kafka, 12) == []


async def test_another_partition_count_than_the_existing_one_is_refused(kafka: str) -> None:
    await create_topics(kafka, 12)

    with pytest.raises(TopicTrouble, match=r"care\.events: expected 6 partitions .* got 12"):
        await create_topics(kafka, 6)
