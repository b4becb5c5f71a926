"""The topic table: every topic's name, key, producer, consumers and retention; topics are created from it."""

from dataclasses import dataclass

DAY_MS = 86_400_000


@dataclass(frozen=True)
class Topic:
    """One row. `kept_ms` is the retention in milliseconds; `aligned` topics have the common partition count."""

    name: str
    key: str
    content: str
    producers: tuple[str, ...]
    consumers: tuple[str, ...]
    kept_ms: int
    aligned: bool = True
    compacted: bool = False

    def partitions(self, common: int) -> int:
        """The partition count, given the common one of the aligned topics."""
        return common if self.aligned else 1

    def config(self) -> dict[str, str]:
        """Kafka's topic settings for this row."""
        cleanup = "compact,delete" if self.compacted else "delete"
        return {"retention.ms": str(self.kept_ms), "cleanup.policy": cleanup}


EVENTS = Topic(
    "care.events",
    "customer_id",
    "facts, from outside and from our own services",
    ("ingest", "feedback", "courier", "decide"),
    ("decide", "journal"),
    28 * DAY_MS,
)
TICKS = Topic("care.ticks", "partition", "timers up to T are due here", ("decide",), ("decide",), DAY_MS // 4)
OUTREACH = Topic("care.outreach", "customer_id", "commands to the courier, with deterministic ids", ("decide",), ("courier", "feedback"), 7 * DAY_MS)
DECISIONS = Topic("care.decisions", "customer_id", "every decision and its reason", ("decide",), ("journal",), 28 * DAY_MS)
INVALID = Topic("care.invalid", "source", "authenticated but invalid payloads, with their problems", ("ingest",), (), 28 * DAY_MS, aligned=False)
PLAYBOOKS = Topic(  # what began under a version may run for 90 days, and the active one is published again once a day
    "care.playbooks",
    "content hash",
    "accepted playbook versions",
    ("decide",),
    ("decide", "courier", "feedback", "journal"),
    92 * DAY_MS,
    aligned=False,
    compacted=True,
)
DEAD = Topic("care.dead", "original key", "poison records: original bytes and headers", ("decide", "courier", "feedback"), (), 28 * DAY_MS, aligned=False)

TOPICS: tuple[Topic, ...] = (EVENTS, TICKS, OUTREACH, DECISIONS, INVALID, PLAYBOOKS, DEAD)

DEFAULT_PARTITIONS = 12
