"""Gathers what a batch needs, calls the pure core for each record, and says what to write: the handler behind the lanes."""

import logging
from collections.abc import Iterable
from dataclasses import replace

from care_contracts.playbooks import activated
from care_contracts.records import Event
from care_contracts.topics import DECISIONS, OUTREACH, TICKS
from care_contracts.wire import Unreadable, decode_event, encode_command, encode_decision

from outreach.core.customer import Customer
from outreach.core.decide import Adopt, Decided, Tick, go_on
from outreach.core.rules import Playbook
from outreach.core.turn import NO_EARLIER, Earlier
from outreach.stream.batch import Batch, Dead, NotYet, Outcome, Output, Raw, agenda_key
from outreach.stream.codec import Stored, decode, encode
from outreach.stream.faults import Point, reached
from outreach.stream.timeline import Active, Timeline

log = logging.getLogger(__name__)

DUE_AT_ONCE = 150  # what comes meanwhile waits for so many customers of each partition, at most
SWEPT_AT_ONCE = 200
SWEEP = b"\xff"  # begins no customer's key, which is UTF-8


class Decider:
    """The handler of a playbook, which stands until another one is activated in a partition; `versions` has the others.

    Several records of one customer in a batch share one read and one write.
    """

    def __init__(self, playbook: Playbook, versions: Earlier = NO_EARLIER) -> None:
        self.playbook = playbook
        self._versions = versions

    def get(self, version: str) -> Playbook | None:
        """The version with this content hash; None when it cannot be found any more; may raise NotYet."""
        return self.playbook if version == self.playbook.version else self._versions.get(version)

    def __call__(self, batch: Batch) -> Outcome:
        """Decides every record of the batch in its order; one that cannot be decided is put aside without touching the others."""
        try:
            return self._outcome(batch, careful=False)
        except _Broken:
            return self._outcome(batch, careful=True)

    def _outcome(self, batch: Batch, *, careful: bool) -> Outcome:
        work = _Work(batch, self, careful=careful)
        for record in batch.records:
            work.decide_record(record)
        if batch.tick is not None:
            work.decide_due(batch.tick)
        return work.finish()


class _Broken(Exception):
    """A customer was left half changed; the batch is decided again, carefully."""


class _Work:
    """One batch while it is worked on: customers as they were read, as they are now, and the outcome so far.

    Each happening changes its customer in place, which spares a copy. `careful` work copies, and can therefore put a
    happening that fails aside; the other raises _Broken then.
    """

    def __init__(self, batch: Batch, decider: Decider, *, careful: bool) -> None:
        self.batch = batch
        self.decider = decider
        self.careful = careful
        stored = batch.state.playbooks()
        self.stored_timeline = stored
        self.timeline = Timeline.decoded(stored) if stored else Timeline.assumed(decider.playbook.version)
        self.read: dict[bytes, Stored] = {}
        self.now: dict[bytes, Stored] = {}
        self.outcome = Outcome()

    def decide_record(self, record: Raw) -> None:
        try:
            event = decode_event(record.value)
            reached(Point.AFTER_DECODE)
            if (said := activated(event)) is not None:
                self.activate(*said, event.recorded)
            else:
                self.decide(_key(record, event), event)
        except NotYet:
            raise
        except Unreadable as error:
            self.outcome.dead.append(Dead(record, str(error)))
        except Exception as error:  # noqa: BLE001 - DESIGN section 8: a failing event goes to care.dead; its text could hold personal data
            self.be_careful(error)
            self.outcome.dead.append(Dead(record, f"{type(error).__name__} while deciding"))

    def activate(self, version: str, revision: str, at: int) -> None:
        """From this record on the version is the active one of the partition; its customers go over to it one after the other."""
        if self.decider.get(version) is None:
            log.error("care.events[%d]: playbook %s was activated and cannot be found; the one before stays", self.batch.partition, version)
            return
        before, self.timeline = self.timeline, self.timeline.activated(version, revision, at)
        if self.timeline != before:
            self.outcome.agenda[agenda_key(self.timeline.last.at, SWEEP)] = b""

    def decide_due(self, upto: int) -> None:
        due = self.batch.state.due(upto, DUE_AT_ONCE)
        self.outcome.more = bool(due)
        for moment, key in due:
            if key[:1] == SWEEP:
                self.sweep(moment, key)
                continue
            if self.customer(key).next_due() is None or self.read[key].agenda != moment:
                self.outcome.agenda[agenda_key(moment, key)] = None
            self.decide_tick(key, Tick(upto))

    def sweep(self, moment: int, key: bytes) -> None:
        """Takes the next customers over to what was activated at `moment` (ms), so that its timers are armed of those who say nothing, too.

        They would go over at that same moment when something happens to them: it changes nothing that is decided.
        """
        self.outcome.agenda[agenda_key(moment, key)] = None
        last = self.take_over(moment, key[len(SWEEP) :]) if self.timers_changed(moment) else None
        if last is None:
            self.timeline = self.timeline.since(moment)
        else:
            self.outcome.agenda[agenda_key(moment, SWEEP + last)] = b""

    def timers_changed(self, moment: int) -> bool:
        """Whether the activations up to `moment` have rules that remember something of each customer and were new or changed."""
        rules = [self.playbook(entry).timed for entry in self.timeline.entries if entry.at <= moment]
        return any(each != rules[0] for each in rules)

    def take_over(self, moment: int, after: bytes) -> bytes | None:
        """The last customer of the next ones, None when there are no more. Who has nothing to go over to is not written again."""
        customers = self.batch.state.customers(after, SWEPT_AT_ONCE)
        for key, raw in customers:
            untouched, outputs = key not in self.now, len(self.outcome.outputs)
            self.read.setdefault(key, decode(raw))
            self.decide_tick(key, Tick(moment))
            if untouched and outputs == len(self.outcome.outputs) and self.customer(key) == decode(raw).customer:
                self.now.pop(key, None)
        return customers[-1][0] if customers else None

    def decide_tick(self, key: bytes, tick: Tick) -> None:
        """A customer whose due things cannot be decided is put aside until the next event, so that the others go on."""
        try:
            self.decide(key, tick)
        except NotYet:
            raise
        except Exception as error:  # noqa: BLE001 - DESIGN section 8, as for events
            self.be_careful(error)
            stored = self.read[key]
            if stored.agenda is not None:
                self.outcome.agenda[agenda_key(stored.agenda, key)] = None
            self.read[key] = replace(stored, agenda=None)
            self.now.pop(key, None)
            record = Raw(TICKS.name, self.batch.partition, -1, key, str(tick.upto).encode())
            self.outcome.dead.append(Dead(record, f"{type(error).__name__} while working off what is due"))

    def be_careful(self, error: Exception) -> None:
        if not self.careful:
            raise _Broken from error

    def decide(self, key: bytes, happening: Event | Tick) -> None:
        """What happens is decided under the version in force; on the way there, what was due before it under those before it."""
        customer, activation = self.customer(key), self.now.get(key, self.read[key]).activation
        customer = customer.copy() if self.careful else customer
        upto = happening.upto if isinstance(happening, Tick) else max(happening.recorded, customer.now)
        steps: list[Decided] = []
        for before, entry in self.timeline.after(activation):
            if isinstance(happening, Tick) and entry.at > upto:
                break
            steps += [self.go_on(customer, Tick(entry.at), before)] if before else []
            steps.append(self.go_on(customer, Adopt(entry.at), entry))
            customer, activation = steps[-1].customer, entry.number
        steps.append(self.go_on(customer, happening, self.timeline.in_force(activation)))
        self.now[key] = Stored(None, steps[-1].customer, activation)
        for decided in steps:
            self.put(OUTREACH.name, key, (encode_command(command) for command in decided.commands))
            self.put(DECISIONS.name, key, (encode_decision(decision) for decision in decided.decisions))

    def go_on(self, customer: Customer, happening: Event | Tick | Adopt, active: Active) -> Decided:
        return go_on(customer, happening, self.playbook(active), self.decider)

    def playbook(self, active: Active) -> Playbook:
        """That version. One that cannot be found any more was the active one for longer than versions are kept."""
        return self.decider.get(active.version) or self.decider.playbook

    def put(self, topic: str, key: bytes, values: Iterable[bytes]) -> None:
        self.outcome.outputs.extend(Output(topic, key, value) for value in values)

    def customer(self, key: bytes) -> Customer:
        """Who is new begins with the version in force; who is known has yet to go over to it."""
        if key in self.now:
            return self.now[key].customer
        if key not in self.read:
            raw = self.batch.state.customer(key)
            self.read[key] = Stored(None, Customer(key.decode()), self.timeline.last.number) if raw is None else decode(raw)
        return self.read[key].customer

    def finish(self) -> Outcome:
        """Writes each touched customer once, and moves their one agenda entry when their earliest due moment changed."""
        for key, stored in self.now.items():
            before, after = self.read[key].agenda, stored.customer.next_due()
            self.outcome.customers[key] = encode(replace(stored, agenda=after))
            if before is not None and before != after:
                self.outcome.agenda[agenda_key(before, key)] = None
            if after is not None and before != after:
                self.outcome.agenda[agenda_key(after, key)] = b""
        timeline = self.timeline.encoded()
        self.outcome.playbooks = timeline if timeline != self.stored_timeline else None
        return self.outcome


def _key(record: Raw, event: Event) -> bytes:
    """The customer's key in the tables; under another key the record lies in a partition that does not own the customer."""
    key = event.customer_id.encode()
    if record.key != key:
        raise Unreadable("expected the customer_id as the record's key, got another key")
    return key
