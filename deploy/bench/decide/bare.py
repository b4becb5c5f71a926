"""A row: aiokafka's `getmany` alone, the most that any of them could reach that stands on it."""

import uvloop
from aiokafka import AIOKafkaConsumer
from care_contracts.topics import EVENTS

from deploy.bench.decide.meter import Meter, begin, end


async def main() -> None:
    """Reads and counts."""
    meter = Meter(begin())
    consumer = AIOKafkaConsumer(
        EVENTS.name, bootstrap_servers=meter.told.kafka, group_id=meter.told.run, auto_offset_reset="earliest", enable_auto_commit=False
    )
    await consumer.start()
    while not meter.count(sum(map(len, (await consumer.getmany(timeout_ms=500)).values()))):
        pass
    end(meter)


if __name__ == "__main__":
    uvloop.run(main())
