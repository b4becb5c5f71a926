"""Topics have to be there, and as configured."""

import pytest
from outreach.stream.await_topics import NEEDED, WrongPartitions, missing


def counts(**other: int) -> dict[str, int]:
    return {topic.name: topic.partitions(4) for topic in NEEDED} | {name.replace("_", "."): count for name, count in other.items()}


def test_nothing_is_missing_when_all_topics_are_as_configured() -> None:
    assert missing(counts(), 4) == ""


def test_missing_topics_are_named() -> None:
    assert missing(counts(care_ticks=0, care_dead=0), 4) == "care.ticks, care.dead"


def test_a_topic_with_another_partition_count_is_an_error() -> None:
    with pytest.raises(WrongPartitions, match=r"care\.events: expected 4 partitions, got 12"):
        missing(counts(care_events=12), 4)
