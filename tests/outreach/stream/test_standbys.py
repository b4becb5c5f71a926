"""A copy of each partition's state is kept by somebody else, who takes over with it."""

import asyncio
import signal
from functools import partial
from pathlib import Path

from outreach.stream.keys import CUSTOMER
from outreach.stream.rocks import Rocks

from tests.outreach.stream.processes import PARTITIONS, Log, Place, until, worker

CUSTOMERS = 50


def kept(folder: Path) -> int:
    """How many customers are in the databases of a process, whether it runs or not; -1 while they are being made or moved."""
    found = set[bytes]()
    for path in folder.glob("**/*state*-?.db"):
        try:
            database = Rocks().open(path, read_only=True)
            found |= {bytes(key) for key in database.keys() if bytes(key[:1]) == CUSTOMER}  # noqa: SIM118 - no mapping
        except Exception:  # noqa: BLE001 - whatever it is, it is looked at again
            return -1
    return len(found)


def has_all(folder: Path) -> bool:
    return kept(folder) == CUSTOMERS


async def test_every_process_has_every_customer_and_one_goes_on_alone_when_the_other_dies(place: Place, log: Log) -> None:
    with worker(place, "a", standbys=1) as one, worker(place, "b", standbys=1) as other:
        await asyncio.to_thread(until, one.ready)
        await asyncio.to_thread(until, other.ready)
        await log.send(500, customers=CUSTOMERS)
        await log.all_decided()
        for name in ("a", "b"):
            await asyncio.to_thread(until, partial(has_all, place.folder / name))
        one.process.send_signal(signal.SIGKILL)
        await log.send(500, customers=CUSTOMERS)
        await log.all_decided()
        assert other.end(signal.SIGTERM) == 0
    await log.assert_each_decided_once()
    assert len(list((place.folder / "b").glob("**/*.db"))) == PARTITIONS
