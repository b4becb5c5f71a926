"""The oracle: the same log once more through the pure core, in this one process, without ticks, batches, tables or anything that could die."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from aiokafka import ConsumerRecord
from care_contracts.playbooks import activated
from care_contracts.records import Command, Decision
from care_contracts.topics import DECISIONS, OUTREACH
from care_contracts.wire import decode_command, decode_decision, decode_event, encode_command, encode_decision
from outreach.core.customer import Customer
from outreach.core.decide import Decided, Tick, decide, go_on
from outreach.core.rules import Playbook
from outreach.stream.codec import Stored, decode, encode

Output = tuple[str, bytes]


@dataclass(frozen=True)
class Found:
    """What a run left: the events that were accepted (source and id), the outputs, each customer's stored state, and how many records were put aside."""

    accepted: set[tuple[str, str]]
    outputs: Iterable[Output]
    states: Mapping[bytes, bytes]
    dead: int


@dataclass(frozen=True)
class Verdict:
    """What a comparison found; each list names a few of what it counts."""

    accepted: int
    events: int
    outputs: int
    not_there: list[str]
    missing: list[str]
    different: list[str]
    states: list[str]
    dead: int

    @property
    def lost(self) -> int:
        """Accepted events that are not on the log, records that should be there and are not, and whatever was put aside."""
        return len(self.not_there) + len(self.missing) + self.dead

    @property
    def wrong(self) -> int:
        """Records that should not be there, and customers whose stored state is another one."""
        return len(self.different) + len(self.states)

    def lines(self) -> list[str]:
        """Some of each kind, for people."""
        return [f"{kind}: {len(found)}, such as {found[:3]}" for kind, found in vars(self).items() if isinstance(found, list) and found]


@dataclass
class Oracle:
    """Goes along with the log: `read` may be called again with more of it."""

    playbook: Playbook
    customers: dict[str, Customer] = field(default_factory=dict)
    outputs: set[Output] = field(default_factory=set)
    there: set[tuple[str, str]] = field(default_factory=set)
    _next: Counter[int] = field(default_factory=Counter)

    def read(self, partition: int, records: Iterable[ConsumerRecord]) -> None:
        """Further events of a partition, in their order; what was read before is passed over."""
        for record in records:
            if record.offset >= self._next[partition]:
                self._next[partition] = record.offset + 1
                self._happen(record.value)

    def _happen(self, value: bytes) -> None:
        event = decode_event(value)
        self.there.add((event.source, event.id))
        if activated(event) is None:
            customer = self.customers.setdefault(event.customer_id, Customer(event.customer_id))
            decided = go_on(customer, event, self.playbook)
            self.customers[event.customer_id] = decided.customer
            self.outputs |= outputs_of(decided)

    def expected(self, upto: int) -> set[Output]:
        """The outputs up to the moment `upto` (ms since 1970)."""
        return self.outputs.union(*(outputs_of(decide(customer, Tick(upto), self.playbook)) for customer in self.customers.values()))

    def compare(self, found: Found, upto: int, now: int) -> Verdict:
        """What the workers made of it, next to what they should have: outputs up to `upto`, states at `now`, which is behind every tick (ms since 1970)."""
        outputs = self.expected(upto)
        decided = {output for output in found.outputs if at(output) <= upto}
        customers = {name.encode(): self.stored(customer, now) for name, customer in self.customers.items()}
        stored = {key: self.stored(decode(raw).customer, now) for key, raw in found.states.items()}
        return Verdict(
            accepted=len(found.accepted),
            events=self._next.total(),
            outputs=len(outputs),
            not_there=sorted(ident for _, ident in found.accepted - self.there),
            missing=sorted(map(named, outputs - decided)),
            different=sorted(map(named, decided - outputs)),
            states=[
                f"{key.decode()} {differing(customers.get(key), stored.get(key))}"
                for key in sorted(customers.keys() | stored.keys())
                if customers.get(key) != stored.get(key)
            ],
            dead=found.dead,
        )

    def stored(self, customer: Customer, now: int) -> bytes:
        """The customer when everything due up to `now` has been worked off, as bytes, without what only tables need."""
        return encode(Stored(None, decide(customer, Tick(now), self.playbook).customer))


def outputs_of(decided: Decided) -> set[Output]:
    """The records as the workers write them."""
    return {(OUTREACH.name, encode_command(command)) for command in decided.commands} | {(DECISIONS.name, encode_decision(each)) for each in decided.decisions}


def at(output: Output) -> int:
    """The moment of a record (ms since 1970)."""
    return _decoded(output).at


def named(output: Output) -> str:
    """What a record is about."""
    record = _decoded(output)
    return f"{output[0]} {record.command_id} of {record.customer_id} at {record.at}"


def differing(expected: bytes | None, found: bytes | None) -> str:
    """The fields in which two states of a customer differ."""
    if expected is None or found is None:
        return "is only there" if expected is None else "is missing"
    one, other = (decode(raw).customer for raw in (expected, found))
    return ", ".join(name for name in Customer.__dataclass_fields__ if getattr(one, name) != getattr(other, name))


def _decoded(output: Output) -> Command | Decision:
    topic, value = output
    return decode_command(value) if topic == OUTREACH.name else decode_decision(value)
