"""Another version becomes active in a partition: exactly at its record, for everybody, and the same however the log is cut into batches."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import pytest
from care_contracts.playbooks import ACTIVATION_KEY, activation
from care_contracts.records import Event
from care_contracts.wire import decode_command, encode_event
from hypothesis import given, settings
from hypothesis import strategies as st
from outreach.core.policy import Policy, QuietHours
from outreach.core.rules import LetterFacts, OncePer, OnEvent, OnPeriod, OnSilence, Playbook, Rule
from outreach.core.steps import Send, Wait
from outreach.stream.batch import Batch, NotYet, Outcome, Raw
from outreach.stream.codec import decode
from outreach.stream.decider import SWEEP, Decider
from outreach.stream.timeline import Timeline

from deploy.embedded.replay import Memory

HOUR = 3_600_000
DAY = 24 * HOUR
START = 20_000 * DAY
END = START + 400 * DAY
LETTERS = {name: LetterFacts() for name in ("tips", "better-tips", "miss-you", "check", "thanks")}


def tips(letter: str, wait: int) -> Rule:
    return Rule("tips", "", "care", OnEvent(("customer.updated",)), (Wait("0", wait), Send("1", letter)), revision=letter)


MISS = Rule("miss", "", "care", OnSilence(("customer.updated",), 10 * DAY), (Send("0", "miss-you"),), revision="10")
MISS_LATER = Rule("miss", "", "care", OnSilence(("customer.updated",), 20 * DAY), (Send("0", "miss-you"),), revision="20")
CHECK = Rule("check", "", "care", OnPeriod(15 * DAY), (Send("0", "check"),), revision="15")
THANKS = Rule("thanks", "", "care", OnEvent(("customer.updated",)), (Send("0", "thanks"),), once_per=OncePer.CUSTOMER)
VERSIONS = {
    "v0": Playbook("v0", (THANKS,), letters=LETTERS),
    "v1": Playbook("v1", (tips("tips", 2 * DAY), MISS), letters=LETTERS),
    "v2": Playbook("v2", (tips("better-tips", DAY), MISS_LATER, CHECK), Policy(quiet_hours=QuietHours(0, 12 * 60)), LETTERS),
    "v3": Playbook("v3", (THANKS, MISS), letters=LETTERS),
}


def order(offset: int, at: int, customer: str = "c1") -> Raw:
    event = Event(f"e{offset}", "shop", "customer.updated", customer, at, at, {"email": "ann@example.com"})
    return Raw("care.events", 0, offset, customer.encode(), encode_event(event))


def becomes_active(offset: int, at: int, version: str) -> Raw:
    return Raw("care.events", 0, offset, ACTIVATION_KEY, encode_event(activation(version, "", at)))


class Partition:
    """A partition that is worked on by a decider with the folder `own`; `said` has the outputs by topic and customer."""

    def __init__(self, own: str = "v1", versions: Any = VERSIONS) -> None:
        self.memory = Memory()
        self.decider = Decider(VERSIONS[own], versions)
        self.said: defaultdict[tuple[str, bytes], list[bytes]] = defaultdict(list)

    def works_off(self, *records: Raw) -> Outcome:
        return self._apply(self.decider(Batch(0, records, self.memory)))

    def time_passes(self, upto: int) -> None:
        while self._apply(self.decider(Batch(0, (), self.memory, upto))).more:
            pass

    def _apply(self, outcome: Outcome) -> Outcome:
        self.memory.apply(outcome)
        for output in outcome.outputs:
            self.said[output.topic, output.key].append(output.value)
        assert outcome.dead == []
        return outcome

    def letters(self, customer: bytes = b"c1") -> list[tuple[str, str]]:
        commands = [decode_command(said) for said in self.said["care.outreach", customer]]
        return [(command.what, command.playbook) for command in commands]

    @property
    def active(self) -> str:
        stored = self.memory.playbooks()
        assert stored
        return Timeline.decoded(stored).last.version


def test_a_partition_switches_exactly_at_the_record_and_what_runs_finishes_as_it_began() -> None:
    partition = Partition()
    partition.works_off(order(0, START), becomes_active(1, START + HOUR, "v2"), order(2, START + HOUR))
    partition.time_passes(START + 3 * DAY)
    assert partition.letters() == [("better-tips", "v2"), ("tips", "v1")]


def test_the_active_version_survives_whoever_takes_the_partition_over() -> None:
    partition = Partition()
    partition.works_off(order(0, START))
    partition.decider = Decider(VERSIONS["v2"], VERSIONS)
    partition.works_off(order(1, START + HOUR))
    assert partition.active == "v1"
    partition.works_off(becomes_active(2, START + HOUR, "v2"))
    partition.decider = Decider(VERSIONS["v1"], VERSIONS)
    partition.works_off(order(3, START + 2 * HOUR))
    assert partition.active == "v2"
    partition.time_passes(START + 3 * DAY)
    assert partition.letters() == [("better-tips", "v2"), ("tips", "v1"), ("tips", "v1")]


def test_customers_who_say_nothing_get_their_timers_and_the_timeline_is_forgotten() -> None:
    partition = Partition(own="v0")
    partition.works_off(*[order(number, START, f"c{number}") for number in range(450)], becomes_active(450, START + DAY, "v2"))
    partition.time_passes(START + 21 * DAY)
    assert all(partition.letters(b"c%d" % number) == [("thanks", "v0"), ("check", "v2"), ("miss-you", "v2")] for number in range(450))
    stored = partition.memory.playbooks()
    assert stored
    assert [entry.version for entry in Timeline.decoded(stored).entries] == ["v2"]
    assert not [key for key in partition.memory.agenda if key[8:9] == SWEEP]


def test_a_version_with_the_same_timers_writes_no_customer_again() -> None:
    partition = Partition()
    partition.works_off(order(0, START))
    other = Playbook("v9", (MISS, tips("better-tips", DAY)), letters=LETTERS)
    partition.decider = Decider(VERSIONS["v1"], {"v9": other})
    before = dict(partition.memory.records)
    partition.works_off(becomes_active(1, START + HOUR, "v9"))
    partition.time_passes(START + 2 * HOUR)
    assert partition.memory.records == before
    partition.works_off(order(2, START + 3 * HOUR))
    partition.time_passes(START + 3 * DAY)
    assert partition.letters() == [("better-tips", "v9"), ("tips", "v1")]


def test_activating_what_is_active_changes_nothing() -> None:
    partition = Partition()
    partition.works_off(becomes_active(0, START, "v1"))
    before = partition.memory.playbooks()
    assert partition.works_off(becomes_active(1, START + HOUR, "v1")).playbooks is None
    assert partition.memory.playbooks() == before


def test_a_version_that_is_not_loaded_yet_is_waited_for_and_nothing_is_decided_meanwhile() -> None:
    there: dict[str, Playbook] = {}

    class Library:
        def get(self, version: str) -> Playbook | None:
            async def load() -> None:
                there[version] = VERSIONS[version]

            if version not in there:
                raise NotYet(load)
            return there[version]

    partition = Partition(versions=Library())
    with pytest.raises(NotYet) as lacking:
        partition.works_off(order(0, START), becomes_active(1, START, "v2"))
    assert partition.memory.records == {}
    asyncio.run(_awaited(lacking.value))
    partition.works_off(order(0, START), becomes_active(1, START, "v2"))
    assert partition.active == "v2"


async def _awaited(lacking: NotYet) -> None:
    await lacking.until()


def test_an_activation_of_what_cannot_be_found_leaves_the_version_before() -> None:
    partition = Partition()
    partition.works_off(order(0, START), becomes_active(1, START, "lost"))
    assert partition.active == "v1"


STEPS = st.lists(st.tuples(st.sampled_from(("c1", "c2", "c3", "v1", "v2", "v3")), st.integers(0, 12 * 24)), min_size=2, max_size=20)


def log_of(steps: Sequence[tuple[str, int]]) -> list[tuple[int, Raw]]:
    moment, records = START, [(START, order(0, START))]
    for offset, (what, hours) in enumerate(steps, 1):
        moment += hours * HOUR
        records.append((moment, becomes_active(offset, moment, what) if what in VERSIONS else order(offset, moment, what)))
    return records


@given(STEPS, st.sets(st.integers(1, 20)), st.sets(st.integers(1, 20)))
@settings(max_examples=150, deadline=None)
def test_batches_ticks_and_owners_never_change_what_is_decided(steps: list[tuple[str, int]], cuts: set[int], ticks: set[int]) -> None:
    log = log_of(steps)
    plain, cut = Partition(), Partition()
    plain.works_off(*[record for _, record in log])
    waiting: list[Raw] = []
    for number, (moment, record) in enumerate(log):
        if number in cuts | ticks and waiting:
            cut.works_off(*waiting)
            waiting = []
            cut.decider = Decider(VERSIONS["v3"], VERSIONS)
        if number in ticks:
            cut.time_passes(moment - 1)
        waiting.append(record)
    cut.works_off(*waiting)
    for partition in (plain, cut):
        partition.time_passes(END)
    assert plain.said == cut.said
    assert {key: decode(raw).customer for key, raw in plain.memory.records.items()} == {key: decode(raw).customer for key, raw in cut.memory.records.items()}


def test_a_record_that_is_repeated_after_an_activation_brings_nobody_over_earlier() -> None:
    """What was due between the two moments is that of the version before, as it is when ticks come in time."""
    partition = Partition()
    partition.works_off(order(0, START), becomes_active(1, START + 12 * DAY, "v2"), order(0, START))
    partition.time_passes(START + 13 * DAY)
    assert partition.letters() == [("tips", "v1"), ("miss-you", "v1")]
