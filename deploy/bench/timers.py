"""Timers by the million: very many wait, very many of them are due at one moment, and events must not notice."""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from care_contracts.clock import DAY_MS, parse_rfc3339, rfc3339
from care_contracts.records import Event
from care_contracts.topics import DEFAULT_PARTITIONS, EVENTS, OUTREACH
from care_contracts.wire import decode_command, encode_event
from faust.stores.rocksdb import Store as FaustStore
from outreach.core.customer import Customer
from outreach.core.decide import Tick, go_on
from outreach.core.rules import Playbook
from outreach.playbook.load import load_folder
from outreach.stream.app import faust_app, state_table
from outreach.stream.batch import agenda_key
from outreach.stream.codec import Stored, encode
from outreach.stream.keys import PLAYBOOKS, Changes, Marker, table_changes
from outreach.stream.rocks import Rocks
from outreach.stream.settings import StreamSettings
from outreach.stream.store import Store
from outreach.stream.timeline import Active, Timeline

from deploy.bench.decide.ground import create_topics, ground, producer
from deploy.bench.state import CHANGELOG, create_changelog
from deploy.bench.worker import Worker, deciding
from deploy.embedded.log import whole
from deploy.embedded.plan import ROOT

PENDING, DUE = 10_000_000, 100_000
MOMENT = parse_rfc3339("2026-03-04T10:00:00Z")
CLOCK = f"{rfc3339(MOMENT - 20_000)}@1x"
EVENTS_PER_S = 200
PATIENCE_S = 300.0
_AT_ONCE = 1000
_LAST_OFFSET = 1  # a timeline and a marker lie in each partition of the changelog


def measure(pending: int = PENDING, due: int = DUE) -> str:
    """`seconds` are from the first to the last letter of those due, `event_p99_ms` from append to append meanwhile, `idle_us` for a look at one partition.

    `cpu_s` is what the decider computed; on a machine that does nothing else `seconds` is at most that.
    """
    playbook = load_folder(ROOT / "playbook").playbook
    with TemporaryDirectory(prefix="care-bench-") as name, ground(Path(name)) as on:
        asyncio.run(_prepare(on.kafka, playbook))
        state = Path(name) / "state"
        idle = fill(state, playbook, pending, due)
        with deciding(on, state, CLOCK) as worker:
            worker.until_ready()
            before = worker.cpu_s()
            events = asyncio.run(_live(on.kafka, worker))
            cpu, peak = worker.cpu_s() - before, worker.peak_mb()
        figures = asyncio.run(_figures(on.kafka))
    return json.dumps({"pending": pending, "due": due} | figures | {"idle_us": round(idle * 1e6, 2), "events": events, "cpu_s": round(cpu, 1), "rss_mb": peak})


async def _prepare(kafka: str, playbook: Playbook) -> None:
    await create_topics(kafka)
    await create_changelog(kafka)
    async with producer(kafka) as sending:
        for partition in range(DEFAULT_PARTITIONS):
            await sending.send_and_wait(CHANGELOG, _timeline(playbook), key=PLAYBOOKS, partition=partition)
            await sending.send_and_wait(CHANGELOG, Marker().packed(), key=b"m", partition=partition)


def _timeline(playbook: Playbook) -> bytes:
    return Timeline((Active(1, 0, playbook.version),)).encoded()


def fill(state: Path, playbook: Playbook, pending: int, due: int) -> float:
    """Writes the databases as after a year of work, and says how many seconds a look at an agenda takes when nothing is due."""
    settings = StreamSettings("127.0.0.1:1", DEFAULT_PARTITIONS, state)
    path = state_table(faust_app(settings), settings).data.partition_path
    rocks = Rocks()
    stores = [Store(rocks.open(path(partition)), FaustStore.offset_key) for partition in range(DEFAULT_PARTITIONS)]
    for store in stores:
        store.write(table_changes({}, {}, _timeline(playbook), Marker()), _LAST_OFFSET)
    for number, agenda in enumerate(_chunks(_later(pending - due))):
        stores[number % DEFAULT_PARTITIONS].write(table_changes({}, agenda, None, Marker()), _LAST_OFFSET)
    idle = _look(stores)
    for number, customers in enumerate(_chunks(_waiting(playbook, due))):
        agenda = {agenda_key(MOMENT, key): b"" for key in customers}
        stores[number % DEFAULT_PARTITIONS].write(table_changes(customers, agenda, None, Marker()), _LAST_OFFSET)
    return idle


def _look(stores: list[Store]) -> float:
    began = time.perf_counter()
    for _ in range(_AT_ONCE):
        for store in stores:
            store.first_due()
    return (time.perf_counter() - began) / _AT_ONCE / len(stores)


def _chunks(rows: Iterator[tuple[bytes, bytes]]) -> Iterator[Changes]:
    while chunk := dict(islice(rows, _AT_ONCE)):
        yield chunk


def _later(count: int) -> Iterator[tuple[bytes, bytes]]:
    """Agenda entries all over the year that comes."""
    return ((agenda_key(MOMENT + DAY_MS + number * 7919 % (365 * DAY_MS), b"later-%d" % number), b"") for number in range(count))


def _waiting(playbook: Playbook, count: int) -> Iterator[tuple[bytes, bytes]]:
    """Customers who have their parcel since three days, and are asked about it now."""
    ann: dict[str, Any] = {"email": "ann@mail.example", "language": "en", "time_zone": "UTC"}
    told: tuple[tuple[str, int, dict[str, Any]], ...] = (
        ("customer.created", 60 * DAY_MS, ann),
        ("order.delivered", 3 * DAY_MS, {"order_id": "o1", "product_name": "Paper Boats", "total": 20}),
    )
    customer = Customer("somebody")
    for number, (kind, ago, data) in enumerate(told):
        go_on(customer, Tick(MOMENT - ago - 1), playbook)
        event = Event(f"due-{number}", "bench", kind, customer.id, MOMENT - ago, MOMENT - ago, data)
        customer = go_on(customer, event, playbook).customer
    customer = go_on(customer, Tick(MOMENT - 1), playbook).customer
    if customer.next_due() != MOMENT:
        raise RuntimeError(f"expected something due at {rfc3339(MOMENT)}, got {customer.next_due()}")
    for number in range(count):
        customer.id = f"due-{number}"
        yield customer.id.encode(), encode(Stored(MOMENT, customer, 1))


async def _live(kafka: str, worker: Worker) -> int:
    """Unhappy reviews at a steady pace, each of another customer, until everything due has been worked off; says how many."""
    began, number, was_due, is_due = time.monotonic(), 0, False, False
    async with producer(kafka, linger_ms=0) as sending:
        while is_due or not was_due:
            await asyncio.sleep(max(0.0, began + number / EVENTS_PER_S - time.monotonic()))
            event = Event(f"live-{number}", "bench", "review.posted", f"live-{number}", MOMENT, MOMENT, {"review_id": f"r{number}", "rating": 1})
            await sending.send(EVENTS.name, encode_event(event), key=event.customer_id.encode())
            number += 1
            if number % EVENTS_PER_S == 0:
                is_due = await asyncio.to_thread(worker.metric, "care_stream_oldest_due_seconds") > 0
                was_due = was_due or is_due
            if time.monotonic() - began > PATIENCE_S:
                raise RuntimeError(f"expected the timers to be worked off within {PATIENCE_S:.0f} s")
    return number


async def _figures(kafka: str) -> dict[str, float]:
    asked = {record.key: record.timestamp for record in await whole(kafka, EVENTS, DEFAULT_PARTITIONS) if record.key.startswith(b"live-")}
    commands = await whole(kafka, OUTREACH, DEFAULT_PARTITIONS)
    letters = sorted(record.timestamp for record in commands if record.key.startswith(b"due-"))
    early = sum(decode_command(record.value).at < MOMENT for record in commands if record.key.startswith(b"due-"))
    if early:
        raise RuntimeError(f"{early} letters went out before their moment")
    took = [record.timestamp - asked[record.key] for record in commands if record.key in asked and letters[0] <= asked[record.key] <= letters[-1]]
    meanwhile = sorted(took)
    with suppress(IndexError):
        return {"letters": len(letters), "seconds": (letters[-1] - letters[0]) / 1000, "event_p99_ms": meanwhile[len(meanwhile) * 99 // 100]}
    raise RuntimeError(f"expected events while the timers were worked off, got {len(took)}")
