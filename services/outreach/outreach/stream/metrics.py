"""What Prometheus is told about the stream processor."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class StreamMetrics:
    """Counters and gauges of one process; labels are topics and partitions, never customers."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.records = Counter("care_stream_records", "records worked off", ["topic"], registry=registry)
        self.batches = Counter("care_stream_batches", "batches worked off", registry=registry)
        self.outputs = Counter("care_stream_outputs", "records produced and acknowledged", ["topic"], registry=registry)
        self.dead = Counter("care_stream_dead", "records put aside on care.dead", registry=registry)
        self.ticks = Counter("care_stream_ticks", "ticks sent", registry=registry)
        self.lag = Gauge("care_stream_lag_records", "events on the broker and not yet worked off", ["partition"], registry=registry)
        self.oldest_due = Gauge("care_stream_oldest_due_seconds", "how long the most overdue timer has been due, by the clock", registry=registry)
        self.recovery = Gauge("care_stream_recovery_remaining_records", "changelog records still to be read before work begins", registry=registry)
        self.owned = Gauge("care_stream_partitions", "partitions this process works on", registry=registry)
        self.unacknowledged = Gauge("care_stream_writes_waiting", "writes the broker does not acknowledge at the moment", registry=registry)
