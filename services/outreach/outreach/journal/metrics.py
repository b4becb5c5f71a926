"""What an operator sees of the journal; nothing here names a person."""

from dataclasses import dataclass

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge


@dataclass(frozen=True, slots=True)
class Metrics:
    """One journal's figures."""

    rows: Counter
    unreadable: Counter
    purged: Counter
    lag: Gauge
    last_commit: Gauge


def metrics(registry: CollectorRegistry = REGISTRY) -> Metrics:
    """The figures, registered."""
    return Metrics(
        Counter("care_journal_rows", "rows written, by table; a repeated one counts again", ("table",), registry=registry),
        Counter("care_journal_unreadable", "records that could not be kept, by topic", ("topic",), registry=registry),
        Counter("care_journal_purged", "rows removed because they were too old", registry=registry),
        Gauge("care_journal_lag", "records on the topics that were not yet taken", registry=registry),
        Gauge("care_journal_last_commit_seconds", "when offsets were last committed, in real seconds since 1970", registry=registry),
    )
