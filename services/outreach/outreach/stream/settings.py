"""What the stream processor is told: where the log is, where state lies, and how much may be under way at once."""

from dataclasses import dataclass
from pathlib import Path

from outreach.settings import DecideSettings

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """Seconds are real seconds, whatever the clock; what a batch may hold is per partition, the queue per process.

    `fetch_wait`: how long the broker may hold a fetch back while there is nothing. The embedded broker does not answer
    before, even when something comes, and is therefore asked in short turns.
    """

    kafka: str
    partitions: int
    state_dir: Path
    replication: int = 1
    group: str = "careloop-decide"
    instance_id: str | None = None
    idempotence: bool = False
    session_timeout: float = 10.0
    rebalance_timeout: float = 20.0
    fetch_wait: float = 0.5
    tick_grace: float = 2.0
    tick_interval: float = 0.1
    dead_in_a_row: int = 50
    batch_records: int = 500
    batch_bytes: int = MIB // 2
    record_batch_bytes: int = 900_000
    queue_records: int = 24_000
    stall_timeout: float = 15.0
    standbys: int = 0
    ops_host: str = "127.0.0.1"
    ops_port: int = 0
    fault: str = ""


def stream_settings(told: DecideSettings) -> StreamSettings:
    """What the environment said, with our own measure for everything else."""
    return StreamSettings(
        kafka=told.kafka,
        partitions=told.partitions,
        replication=told.replication,
        state_dir=told.state_dir,
        instance_id=told.group_instance_id or None,
        idempotence=told.kafka_idempotence,
        session_timeout=told.session_timeout,
        rebalance_timeout=told.rebalance_timeout,
        fetch_wait=told.fetch_wait,
        tick_grace=told.tick_grace,
        group=told.group,
        standbys=told.standbys,
        ops_host=told.ops_host,
        ops_port=told.ops_port,
        fault=told.fault,
    )
