"""The toy with a consumer that stops handing on what it fetched, without an error, as Faust's sometimes did: `python stalled.py SETTINGS-AS-JSON`.

It is well until an event says `stall`: `fetch` stops the consumer, `loop` the whole event loop.
"""

import asyncio
import json
import sys
import threading
from typing import Any

from outreach.stream import private_faust
from outreach.stream.batch import Batch, Outcome

from tests.outreach.stream import toy

well = threading.Event()
deliver = private_faust.LaneConsumer._deliver


async def deliver_until_told(self: Any, fetched: Any) -> None:
    await deliver(self, fetched)
    if any(json.loads(record.value).get("stall") == "fetch" for tp, records in fetched.items() if tp.topic == "care.events" for record in records):
        await asyncio.Event().wait()


def handler(batch: Batch) -> Outcome:
    if any(json.loads(record.value or b"").get("stall") == "loop" for record in batch.records):
        well.wait()
    return toy.handler(batch)


if __name__ == "__main__":
    private_faust.LaneConsumer._deliver = deliver_until_told  # type: ignore[method-assign] # this is what goes wrong
    sys.exit(toy.main(handler))
