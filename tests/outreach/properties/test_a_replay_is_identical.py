"""Whatever the partitions, batches, restarts, downtimes and ticks: an empty worker that reads the log writes the same bytes (Semantics 3)."""

import asyncio
from collections.abc import Iterable
from itertools import accumulate

from care_contracts.playbooks import activated
from care_contracts.records import Event, altered
from care_contracts.topics import DECISIONS, OUTREACH
from hypothesis import given, settings
from outreach.core.customer import Customer
from outreach.core.decide import Tick

from tests.conftest import DEEP
from tests.outreach.properties.cases import Case, cases
from tests.outreach.properties.lives import DAY, Life, lived, script_by
from tests.outreach.properties.replaying import replayed
from tests.outreach.properties.test_the_record_sequence_decides import by_topic

AFTER = 45 * DAY


def with_moments(events: Iterable[Event]) -> list[tuple[int, Event]]:
    """Each event with the moment in which it is on the log."""
    known = list(events)
    return list(zip(accumulate((event.recorded for event in known), max), known, strict=True))


def lives_of(case: Case) -> dict[str, list[Event]]:
    scripts = {"c1": case.script, "c2": script_by(case.dice, 20), "c3": script_by(case.dice, 10)}
    lives = {name: lived(case.playbooks[:1], *script).events for name, script in scripts.items()}
    return {name: [altered(event, customer_id=name) for event in events if activated(event) is None] for name, events in lives.items()}


def at_once(case: Case, name: str, events: list[Event], end: int) -> Life:
    life = Life(case.playbooks[0], Customer(name))
    for event in events:
        life.take(event)
    life.take(Tick(end))
    return life


@settings(max_examples=25 * max(1, DEEP))  # each of them is some lives and many restarts
@given(cases)
def test_an_empty_worker_writes_the_same_bytes_however_it_reads_the_log(case: Case) -> None:
    lives = lives_of(case)
    log = sorted((entry for events in lives.values() for entry in with_moments(events)), key=lambda entry: entry[0])
    end = log[-1][0] + AFTER
    found = asyncio.run(replayed(case.playbooks[0], log, case.dice, end))
    for name, events in lives.items():
        plain = by_topic(at_once(case, name, events, end))
        assert sorted(found.get(name.encode(), [])) == sorted({*plain[OUTREACH.name], *plain[DECISIONS.name]})
