"""Two rows: Faust as it is, doing nothing, or (`state`) keeping the state in a table and sending the event on, which is queued and not awaited.

`-l info`, because at its default level Faust's spinner sets every logger to DEBUG, which costs it a tenth and more.
"""

import asyncio
import sys
from typing import Any

import faust
from care_contracts.topics import EVENTS

from deploy.bench.decide.little import OUT, stored_after
from deploy.bench.decide.meter import Meter, Told, begin, end

WORKER = ("stock_faust", "worker", "--loglevel", "info", "--without-web")
_ACKNOWLEDGED_S = 0.2


def app_of(told: Told) -> faust.App:
    """Faust's defaults, but for what this broker has to be told and a producer that fills its batches."""
    return faust.App(
        told.run,
        broker=f"kafka://{told.kafka}",
        store="rocksdb://",
        datadir=told.folder,
        topic_partitions=told.partitions,
        topic_replication_factor=1,
        topic_disable_leader=True,
        web_enabled=False,
        consumer_auto_offset_reset="earliest",
        broker_session_timeout=told.session_timeout,
        broker_rebalance_timeout=told.rebalance_timeout,
        broker_heartbeat_interval=told.session_timeout / 4,
        producer_linger=0.02,
        producer_max_batch_size=131_072,
    )


def main(*, state: bool) -> None:
    """Runs the worker until all events are counted."""
    meter = Meter(begin())
    app = app_of(meter.told)
    source = app.topic(EVENTS.name, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")
    app.agent(source)(_with_state(app, meter) if state else _nothing(meter))
    sys.argv = list(WORKER)
    app.main()


def _nothing(meter: Meter) -> Any:
    async def agent(stream: Any) -> None:
        async for _ in stream:
            if meter.count():
                end(meter)

    return agent


def _with_state(app: faust.App, meter: Meter) -> Any:
    table = app.Table("state", key_type=bytes, value_type=bytes, partitions=meter.told.partitions)
    out = app.topic(f"{meter.told.run}-{OUT}", partitions=meter.told.partitions, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")

    async def agent(stream: Any) -> None:
        await out.maybe_declare()
        async for key, value in stream.items():
            table[key] = stored_after(table.get(key), value)
            await out.send(key=key, value=value)
            if meter.count(1, out=1):
                await _sent(app)
                end(meter)

    return agent


async def _sent(app: faust.App) -> None:
    """Lets what is queued go out, outside of the time that is measured."""
    await asyncio.sleep(_ACKNOWLEDGED_S)
    await app.producer.flush()


if __name__ == "__main__":
    main(state=sys.argv.pop() == "state")
