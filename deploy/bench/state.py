"""What very many customers cost one decider: memory, disk, and how long it takes until it works again, with its databases and without them."""

import asyncio
import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from care_contracts.topics import DEFAULT_PARTITIONS
from outreach.core.customer import Customer
from outreach.core.decide import go_on
from outreach.playbook.load import load_folder
from outreach.stream.batch import agenda_key
from outreach.stream.codec import Stored, encode
from outreach.stream.keys import PLAYBOOKS, Marker, table_changes
from outreach.stream.timeline import Active, Timeline

from deploy.bench.backtest import lives
from deploy.bench.decide.ground import create_topics, ground, producer
from deploy.bench.worker import Worker, deciding
from deploy.embedded.plan import ROOT

CUSTOMERS = 1_000_000
CHANGELOG = "careloop-decide-state-changelog"
BEFORE = "1996-12-01T00:00:00Z@1x"  # before all these lives, so that nothing of them is due
_AT_ONCE = 200


@dataclass(frozen=True)
class Lives:
    """What the shipped playbook remembers of the customers of the purchase log at its end, and its timeline."""

    customers: tuple[Customer, ...]
    timeline: bytes

    def record(self, number: int) -> tuple[bytes, Stored]:
        """The key and the record of the `number`-th customer: one of these lives under another name."""
        customer = self.customers[number % len(self.customers)]
        customer.id = f"customer-{number}"
        return customer.id.encode(), Stored(customer.next_due(), customer, 1)


def measure(customers: int = CUSTOMERS) -> str:
    """`rss_mb` is the decider's peak, `disk_mb` the most that its databases took.

    The seconds begin with the start of the process; `recovery_cpu_s` and `kept_disk_cpu_s` are the processor's time, of all threads together.
    """
    told = remembered()
    sizes = sorted(len(encode(told.record(number)[1])) for number in range(len(told.customers)))
    with TemporaryDirectory(prefix="care-bench-") as name, ground(Path(name)) as on:
        asyncio.run(_write(on.kafka, told, customers))
        state = Path(name) / "state"
        with deciding(on, state, BEFORE) as worker:
            lost_disk, cpu = _until_ready(worker), worker.cpu_s()
            peak, disk = worker.peak_mb(), _disk_mb(state)
        with deciding(on, state, BEFORE) as worker:
            kept_disk, kept_cpu = _until_ready(worker), worker.cpu_s()
            peak, disk = max(peak, worker.peak_mb()), max(disk, _disk_mb(state))
    figures = {"customers": customers, "rss_mb": peak, "disk_mb": disk, "p50_bytes": sizes[len(sizes) // 2], "p99_bytes": sizes[len(sizes) * 99 // 100]}
    recovery = {"recovery_per_s": round(customers / lost_disk), "recovery_s": round(lost_disk, 1), "recovery_cpu_s": round(cpu, 1)}
    return json.dumps(figures | {"max_bytes": sizes[-1]} | recovery | {"kept_disk_s": round(kept_disk, 1), "kept_disk_cpu_s": round(kept_cpu, 1)})


def remembered() -> Lives:
    """Decides the whole log once."""
    playbook = load_folder(ROOT / "playbook").playbook
    customers: dict[str, Customer] = {}
    for event in lives(range(1)):
        customer = customers.get(event.customer_id) or Customer(event.customer_id)
        customers[event.customer_id] = go_on(customer, event, playbook).customer
    return Lives(tuple(customers.values()), Timeline((Active(1, 0, playbook.version),)).encoded())


async def create_changelog(kafka: str) -> None:
    """Empty; the decider would make it at its first start."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    await admin.create_topics([NewTopic(CHANGELOG, DEFAULT_PARTITIONS, 1, topic_configs={"cleanup.policy": "compact"})])
    await admin.close()


async def _write(kafka: str, told: Lives, customers: int) -> None:
    """The changelog as the decider itself would have left it: a record and an agenda entry for each customer, a marker for each batch."""
    await create_topics(kafka)
    await create_changelog(kafka)
    async with producer(kafka) as sending:
        for first in range(0, customers, _AT_ONCE):
            partition = first // _AT_ONCE % DEFAULT_PARTITIONS
            for key, value in _changes(told, range(first, min(first + _AT_ONCE, customers))):
                await sending.send(CHANGELOG, value, key=key, partition=partition)
        for partition in range(DEFAULT_PARTITIONS):
            await sending.send(CHANGELOG, told.timeline, key=PLAYBOOKS, partition=partition)


def _changes(told: Lives, numbers: Iterable[int]) -> Iterator[tuple[bytes, bytes | None]]:
    records = dict(told.record(number) for number in numbers)
    agenda: dict[bytes, bytes | None] = {agenda_key(stored.agenda, key): b"" for key, stored in records.items() if stored.agenda is not None}
    return table_changes({key: encode(stored) for key, stored in records.items()}, agenda, None, Marker())


def _until_ready(worker: Worker) -> float:
    began = time.perf_counter()
    worker.until_ready()
    return time.perf_counter() - began


def _disk_mb(folder: Path) -> int:
    return sum(file.stat().st_blocks for file in folder.rglob("*") if file.is_file()) * 512 // 2**20
