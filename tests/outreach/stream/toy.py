"""A process with a handler so small that everything it must have done can be counted: `python toy.py SETTINGS-AS-JSON`.

An event's value is a JSON object with an `id`. The customer's record counts their events; every event leads to one output
`ID:COUNT`. With `due` (ms) a timer is armed, which leads to `timer:DUE:NOW`. With `poison` it is a dead letter, with
`broken` the handler raises, with `sleep` the whole process stops in the middle of its batch, once: the file named there
tells that it has been.
"""

import json
import logging
import os
import signal
import sys
from pathlib import Path

from care_contracts.clock import Clock
from care_contracts.topics import OUTREACH
from outreach.stream.batch import Batch, Dead, Handler, Outcome, Output, agenda_key
from outreach.stream.run import run_decider
from outreach.stream.settings import StreamSettings

DUE_AT_ONCE = 20


def handler(batch: Batch) -> Outcome:
    outcome = Outcome()
    for record in batch.records:
        event = json.loads(record.value or b"")
        if event.get("broken"):
            raise RuntimeError("the handler is broken on purpose")
        if "sleep" in event and not Path(event["sleep"]).exists():
            Path(event["sleep"]).touch()
            os.kill(os.getpid(), signal.SIGSTOP)
        if event.get("poison"):
            outcome.dead.append(Dead(record, "poison on purpose"))
            continue
        key = record.key or b""
        count = int(outcome.customers.get(key) or batch.state.customer(key) or 0) + 1
        outcome.customers[key] = b"%d" % count
        outcome.outputs.append(Output(OUTREACH.name, key, f"{event['id']}:{count}".encode()))
        if "due" in event:
            outcome.agenda[agenda_key(event["due"], key)] = b""
    if batch.tick is not None:
        fire(batch, batch.tick, outcome)
    return outcome


def fire(batch: Batch, upto: int, outcome: Outcome) -> None:
    due = batch.state.due(upto, DUE_AT_ONCE)
    outcome.more = len(due) == DUE_AT_ONCE
    for moment, key in due:
        outcome.agenda[agenda_key(moment, key)] = None
        outcome.outputs.append(Output(OUTREACH.name, key, f"timer:{moment}:{upto}".encode()))


def main(handler: Handler = handler) -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    told = json.loads(sys.argv[1])
    return run_decider(StreamSettings(**{**told, "state_dir": Path(told["state_dir"])}), handler, Clock())


if __name__ == "__main__":
    sys.exit(main())
