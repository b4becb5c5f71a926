"""What ingest counts; labels hold catalogued event types, outcomes and status codes, never anything a client made up."""

from dataclasses import dataclass, field

from care_contracts.catalogue import BY_NAME
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest

OTHER = "other"
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


def label_of(event_type: object) -> str:
    """A catalogued type's name, or `other`."""
    return event_type if isinstance(event_type, str) and event_type in BY_NAME else OTHER


@dataclass(frozen=True)
class Meters:
    """All meters of one process in a registry of their own."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    events: Counter = field(init=False)
    seconds: Histogram = field(init=False)

    def __post_init__(self) -> None:
        """Registers the meters."""
        ProcessCollector(registry=self.registry)
        events = Counter("care_ingest_events", "Events by type and outcome", ("type", "outcome"), registry=self.registry)
        seconds = Histogram("care_ingest_request_seconds", "Time to answer POST /v1/events", ("status",), registry=self.registry, buckets=_BUCKETS)
        object.__setattr__(self, "events", events)
        object.__setattr__(self, "seconds", seconds)

    def count(self, event_type: object, outcome: str) -> None:
        """One event `accepted`, `refused` or `unconfirmed`."""
        self.events.labels(label_of(event_type), outcome).inc()

    def exposition(self) -> bytes:
        """The Prometheus text format."""
        return generate_latest(self.registry)
