"""The Faust app: group membership, co-partitioning, one table with its changelog and recovery, commits; the rest is lanes."""

import asyncio
from typing import Any

import faust

from outreach.stream.lanes import SOURCES
from outreach.stream.private_recovery import PromptTables
from outreach.stream.settings import StreamSettings

TABLE = "state"
CHANGELOG = {"delete.retention.ms": str(30 * 86_400_000)}
_HEARTBEATS_A_SESSION = 4


def faust_app(settings: StreamSettings) -> faust.App:
    """An app that nothing has connected yet. No web server, no leader topic, no worker with its spinner and logging."""
    app = faust.App(
        settings.group,
        broker=[f"kafka://{server.strip()}" for server in settings.kafka.split(",")],
        store="rocksdb://",
        datadir=str(settings.state_dir),
        autodiscover=False,
        web_enabled=False,
        topic_disable_leader=True,
        topic_partitions=settings.partitions,
        topic_replication_factor=settings.replication,
        table_standby_replicas=settings.standbys,
        TableManager=PromptTables,
        consumer_auto_offset_reset="earliest",
        consumer_group_instance_id=settings.instance_id,
        consumer_max_fetch_size=settings.batch_bytes,
        broker_session_timeout=settings.session_timeout,
        broker_rebalance_timeout=settings.rebalance_timeout,
        broker_heartbeat_interval=settings.session_timeout / _HEARTBEATS_A_SESSION,
        broker_commit_interval=1.0,
        stream_recovery_delay=0.0,
    )
    _subscribe(app, settings)
    return app


def state_table(app: faust.App, settings: StreamSettings) -> faust.Table:
    """The one table. Deletions stay in its changelog for a month, so that a database which was away as long still sees them."""
    return app.Table(
        TABLE,
        key_type=bytes,
        value_type=bytes,
        partitions=settings.partitions,
        options={},
        extra_topic_configs=CHANGELOG,
    )


def _subscribe(app: faust.App, settings: StreamSettings) -> None:
    sources = app.topic(*SOURCES, key_type=bytes, value_type=bytes, partitions=settings.partitions)

    async def subscribed(_stream: Any) -> None:
        await asyncio.Event().wait()  # the lanes get the records; the agent is here because Faust subscribes to what agents read

    app.agent(sources, name="sources")(subscribed)
