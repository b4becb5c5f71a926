"""Gathers what a batch needs, calls the pure core for each record, and says what to write: the handler behind the lanes."""

from collections.abc import Iterable

from care_contracts.records import Event
from care_contracts.topics import DECISIONS, OUTREACH, TICKS
from care_contracts.wire import Unreadable, decode_event, encode_command, encode_decision

from outreach.core.customer import Customer
from outreach.core.decide import Tick, decide
from outreach.core.rules import Playbook
from outreach.stream.batch import Batch, Dead, Outcome, Output, Raw, agenda_key
from outreach.stream.codec import Stored, decode, encode

DUE_AT_ONCE = 200


class Decider:
    """The handler of a playbook. Several records of one customer in a batch share one read and one write."""

    def __init__(self, playbook: Playbook) -> None:
        self.playbook = playbook

    def __call__(self, batch: Batch) -> Outcome:
        """Decides every record of the batch in its order; one that cannot be decided is put aside without touching the others."""
        work = _Work(batch, self.playbook)
        for record in batch.records:
            work.decide_record(record)
        if batch.tick is not None:
            work.decide_due(batch.tick)
        return work.finish()


class _Work:
    """One batch while it is worked on: customers as they were read, as they are now, and the outcome so far."""

    def __init__(self, batch: Batch, playbook: Playbook) -> None:
        self.batch = batch
        self.playbook = playbook
        self.read: dict[bytes, Stored] = {}
        self.now: dict[bytes, Customer] = {}
        self.outcome = Outcome()

    def decide_record(self, record: Raw) -> None:
        try:
            event = decode_event(record.value)
            self.decide(_key(record, event), event)
        except Unreadable as error:
            self.outcome.dead.append(Dead(record, str(error)))
        except Exception as error:  # noqa: BLE001 - DESIGN section 8: a failing event goes to care.dead; its text could hold personal data
            self.outcome.dead.append(Dead(record, f"{type(error).__name__} while deciding"))

    def decide_due(self, upto: int) -> None:
        due = self.batch.state.due(upto, DUE_AT_ONCE)
        self.outcome.more = bool(due)
        for moment, key in due:
            if self.customer(key).next_due() is None or self.read[key].agenda != moment:
                self.outcome.agenda[agenda_key(moment, key)] = None
            self.decide_tick(key, Tick(upto))

    def decide_tick(self, key: bytes, tick: Tick) -> None:
        """A customer whose due things cannot be decided is put aside until the next event, so that the others go on."""
        try:
            self.decide(key, tick)
        except Exception as error:  # noqa: BLE001 - DESIGN section 8, as for events
            stored = self.read[key]
            if stored.agenda is not None:
                self.outcome.agenda[agenda_key(stored.agenda, key)] = None
            self.read[key] = Stored(None, stored.customer)
            self.now.pop(key, None)
            record = Raw(TICKS.name, self.batch.partition, -1, key, str(tick.upto).encode())
            self.outcome.dead.append(Dead(record, f"{type(error).__name__} while working off what is due"))

    def decide(self, key: bytes, happening: Event | Tick) -> None:
        decided = decide(self.customer(key), happening, self.playbook)
        self.now[key] = decided.customer
        self.put(OUTREACH.name, key, (encode_command(command) for command in decided.commands))
        self.put(DECISIONS.name, key, (encode_decision(decision) for decision in decided.decisions))

    def put(self, topic: str, key: bytes, values: Iterable[bytes]) -> None:
        self.outcome.outputs.extend(Output(topic, key, value) for value in values)

    def customer(self, key: bytes) -> Customer:
        if key in self.now:
            return self.now[key]
        if key not in self.read:
            raw = self.batch.state.customer(key)
            self.read[key] = Stored(None, Customer(key.decode())) if raw is None else decode(raw)
        return self.read[key].customer

    def finish(self) -> Outcome:
        """Writes each touched customer once, and moves their one agenda entry when their earliest due moment changed."""
        for key, customer in self.now.items():
            before, after = self.read[key].agenda, customer.next_due()
            self.outcome.customers[key] = encode(Stored(after, customer))
            if before is not None and before != after:
                self.outcome.agenda[agenda_key(before, key)] = None
            if after is not None and before != after:
                self.outcome.agenda[agenda_key(after, key)] = b""
        return self.outcome


def _key(record: Raw, event: Event) -> bytes:
    """The customer's key in the tables; under another key the record lies in a partition that does not own the customer."""
    key = event.customer_id.encode()
    if record.key != key:
        raise Unreadable("expected the customer_id as the record's key, got another key")
    return key
