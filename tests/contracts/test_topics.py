"""The topic table: what must be equal everywhere for customers' order to be kept."""

from care_contracts.topics import EVENTS, INVALID, OUTREACH, PLAYBOOKS, TICKS, TOPICS

DAY_MS = 86_400_000


def test_topics_that_are_read_together_have_as_many_partitions() -> None:
    assert {topic.partitions(12) for topic in (EVENTS, TICKS, OUTREACH)} == {12}
    assert INVALID.partitions(12) == 1


def test_facts_are_kept_for_four_weeks() -> None:
    assert EVENTS.config() == {"retention.ms": str(28 * DAY_MS), "cleanup.policy": "delete"}


def test_playbooks_are_compacted() -> None:
    assert PLAYBOOKS.config()["cleanup.policy"] == "compact,delete"


def test_names_are_unique_and_ours() -> None:
    names = [topic.name for topic in TOPICS]
    assert len(set(names)) == len(names)
    assert all(name.startswith("care.") for name in names)
