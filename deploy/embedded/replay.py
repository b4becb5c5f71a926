"""The oracle: one process decides the whole log again through the same handler, in memory, and says which commands there should be."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from aiokafka import ConsumerRecord
from care_contracts.records import Command
from care_contracts.topics import OUTREACH
from care_contracts.wire import decode_command
from outreach.stream.batch import Batch, Handler, Outcome, Raw, agenda_entry

BATCH = 500


class Memory:
    """The state of one partition in two dicts, in place of RocksDB."""

    def __init__(self) -> None:
        self.records: dict[bytes, bytes] = {}
        self.agenda: dict[bytes, bytes] = {}
        self.timeline: bytes | None = None

    def customer(self, key: bytes) -> bytes | None:
        """The stored record of a customer."""
        return self.records.get(key)

    def customers(self, after: bytes, limit: int) -> Sequence[tuple[bytes, bytes]]:
        """As outreach.stream.batch.State.customers."""
        return [(key, self.records[key]) for key in sorted(self.records) if key > after][:limit]

    def playbooks(self) -> bytes | None:
        """As outreach.stream.batch.State.playbooks."""
        return self.timeline

    def due(self, upto: int, limit: int) -> Sequence[tuple[int, bytes]]:
        """As outreach.stream.batch.State.due."""
        return [entry for entry in map(agenda_entry, sorted(self.agenda)) if entry[0] <= upto][:limit]

    def apply(self, outcome: Outcome) -> None:
        """Takes over a batch's state changes."""
        self.timeline = outcome.playbooks or self.timeline
        for kept, changes in ((self.records, outcome.customers), (self.agenda, outcome.agenda)):
            for key, value in changes.items():
                if value is None:
                    kept.pop(key, None)
                else:
                    kept[key] = value


def _one_partition(records: list[Raw], handler: Handler, upto: int) -> Iterable[Command]:
    memory, partition = Memory(), records[0].partition
    batches = [Batch(partition, records[at : at + BATCH], memory) for at in range(0, len(records), BATCH)]
    ticks = 0
    while batches or ticks == 0:
        batch = batches.pop(0) if batches else Batch(partition, (), memory, upto)
        outcome = handler(batch)
        memory.apply(outcome)
        ticks = 0 if outcome.more else ticks + (batch.tick is not None)
        yield from (decode_command(output.value) for output in outcome.outputs if output.topic == OUTREACH.name)


def commands_due(events: Iterable[ConsumerRecord], handler: Handler, upto: int) -> dict[str, Command]:
    """Every command that the log leads to up to the moment `upto` (ms since 1970), by id."""
    partitions: defaultdict[int, list[Raw]] = defaultdict(list)
    for record in events:
        partitions[record.partition].append(Raw(record.topic, record.partition, record.offset, record.key, record.value))
    found = [command for records in partitions.values() for command in _one_partition(records, handler, upto)]
    return {command.command_id: command for command in found if command.at <= upto}
