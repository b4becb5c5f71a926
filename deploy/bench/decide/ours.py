"""Four of our rows: the lane that does `nothing`, the lane with `state` and output, the `full` shipped playbook, and the same `live` for the latency."""

import logging
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from care_contracts.clock import Clock, clock_from
from care_contracts.topics import DECISIONS, OUTREACH
from outreach.playbook.load import load_folder
from outreach.playbook.versions import Versions
from outreach.stream.batch import Batch, Handler, Outcome, Output
from outreach.stream.library import decider_of
from outreach.stream.run import run_decider
from outreach.stream.settings import StreamSettings

from deploy.bench.decide.little import stored_after
from deploy.bench.decide.meter import Meter, Told, begin, end

PLAYBOOK = Path(__file__).resolve().parents[3] / "playbook"
# Before the log begins: what is due rings when the customer's next event comes, as in any catching up. Ticks would come from behind the whole log.
BEFORE = "1996-12-01T00:00:00Z@1x"
_KINDS = {OUTREACH.name: "commands", DECISIONS.name: "records"}


def nothing(batch: Batch) -> Outcome:  # noqa: ARG001 - called like any handler
    """No outputs and no state."""
    return Outcome()


def state(batch: Batch) -> Outcome:
    """What the rows of the others do with state and output."""
    outcome = Outcome()
    customers = outcome.customers
    for record in batch.records:
        key, value = record.key or b"", record.value or b""
        customers[key] = stored_after(customers.get(key) or batch.state.customer(key), value)
        outcome.outputs.append(Output(OUTREACH.name, key, value))
    return outcome


class Counted:
    """A handler whose batches are counted once they are acknowledged, which is when the partition's next one comes."""

    def __init__(self, handler: Handler, meter: Meter) -> None:
        self._handler = handler
        self._meter = meter
        self._under_way: dict[int, tuple[int, int, Counter[str]]] = {}

    def __call__(self, batch: Batch) -> Outcome:
        """The handler's outcome."""
        self._count(batch)
        outcome = self._handler(batch)
        if batch.records:
            came = Counter(_KINDS.get(output.topic, output.topic) for output in outcome.outputs) + Counter(dead=len(outcome.dead))
            self._under_way[batch.partition] = (batch.records[0].offset, len(batch.records), came)
        return outcome

    def _count(self, batch: Batch) -> None:
        """A batch that comes again was too large for one changelog batch, and is not worked off yet."""
        first, events, came = self._under_way.pop(batch.partition, (-1, 0, Counter[str]()))
        if events and not _again(first, batch.records) and self._meter.count(events, **came):
            end(self._meter)


def _again(first: int, records: Sequence[object]) -> bool:
    return bool(records) and getattr(records[0], "offset", None) == first


def settings(told: Told) -> StreamSettings:
    """As in production, with what this broker has to be told."""
    return StreamSettings(
        kafka=told.kafka,
        partitions=told.partitions,
        state_dir=Path(told.folder),
        group=told.run,
        idempotence=told.idempotence,
        session_timeout=told.session_timeout,
        rebalance_timeout=told.rebalance_timeout,
        fetch_wait=told.fetch_wait,
        ops_port=told.ops_port,
    )


def full() -> Handler:
    """The decider of the shipped playbook, as `python -m outreach decide` makes it."""
    return decider_of(Versions(load_folder(PLAYBOOK), PLAYBOOK))


def main(what: str) -> int:
    """Runs the decider until all events are counted; `live` until it is stopped."""
    logging.basicConfig(level=logging.WARNING)
    told = begin()
    if what == "live":
        return run_decider(settings(told), full(), Clock())
    handler: Handler = full() if what == "full" else {"nothing": nothing, "state": state}[what]
    return run_decider(settings(told), Counted(handler, Meter(told)), clock_from(BEFORE))


if __name__ == "__main__":
    sys.exit(main(sys.argv.pop()))
