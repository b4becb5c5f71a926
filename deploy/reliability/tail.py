"""Everything that lies on the topics, read along as it comes: what was decided, and how far each partition is worked off."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from care_contracts.topics import DEAD, DECISIONS, EVENTS, OUTREACH
from outreach.stream.keys import CUSTOMER, MARKER, Marker
from outreach.stream.rightful import Rightful

CHANGELOG = "careloop-decide-state-changelog"
_WAIT_MS = 50


@dataclass
class Tail:
    """`outputs` counts each distinct record of care.outreach and care.decisions; `marks` is what the changelog says is worked off."""

    kafka: str
    partitions: int
    events: defaultdict[int, list[ConsumerRecord]] = field(default_factory=lambda: defaultdict(list))
    outputs: Counter[tuple[str, bytes]] = field(default_factory=Counter)
    dead: int = 0
    marks: dict[int, Marker] = field(default_factory=dict)
    customers: dict[bytes, bytes] = field(default_factory=dict)
    rightful: Rightful = field(default_factory=lambda: Rightful(lambda _: Marker()))

    async def run(self) -> None:
        """Never returns; waits while the broker is away."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.kafka, enable_auto_commit=False, auto_offset_reset="earliest", fetch_max_wait_ms=_WAIT_MS)
        await consumer.start()
        try:
            aligned = (EVENTS.name, OUTREACH.name, DECISIONS.name, CHANGELOG)
            consumer.assign([TopicPartition(topic, number) for topic in aligned for number in range(self.partitions)] + [TopicPartition(DEAD.name, 0)])
            while True:
                for records in (await consumer.getmany(timeout_ms=_WAIT_MS)).values():
                    self._take(records)
        finally:
            await consumer.stop()

    def read_upto(self, ends: Counter[int]) -> bool:
        """Whether every event before these offsets was read."""
        return all(self.events[partition][-1:] and self.events[partition][-1].offset + 1 >= end for partition, end in ends.items())

    def worked_off(self, ends: Counter[int]) -> bool:
        """Whether every partition is worked off up to these offsets."""
        return all(self.marks.get(partition, Marker()).events >= end for partition, end in ends.items())

    @property
    def repeated(self) -> int:
        """Records that lie there more than once; the ledger takes each once."""
        return self.outputs.total() - len(self.outputs)

    def _take(self, records: Iterable[ConsumerRecord]) -> None:
        for record in records:
            if record.topic == EVENTS.name:
                self.events[record.partition].append(record)
            elif record.topic == DEAD.name:
                self.dead += 1
            elif record.topic == CHANGELOG:
                self._changed(record)
            else:
                self.outputs[record.topic, record.value] += 1

    def _changed(self, record: ConsumerRecord) -> None:
        if self.rightful.instead(record.partition, record.key, record.value) is not None:
            return
        if record.key == MARKER:
            self.marks[record.partition] = Marker.unpacked(record.value)
        elif record.key[:1] == CUSTOMER:
            self.customers[record.key[1:]] = record.value
