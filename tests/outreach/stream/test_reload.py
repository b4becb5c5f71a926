"""Which version is published by whom: an edit is, a folder that was left behind is not, and nobody undoes what another one did."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from care_contracts.clock import Clock
from care_contracts.playbooks import TooLarge, Version, encode_version
from care_contracts.wire import decode_event
from outreach.playbook.load import Folder, load_files
from outreach.playbook.versions import Versions
from outreach.stream.activating import Activating
from outreach.stream.reload import Reload
from outreach.stream.settings import StreamSettings
from outreach.stream.timeline import Active, Timeline
from prometheus_client import CollectorRegistry

RULE = """id: hello
why: To say hello.
purpose: care
when: {event: order.placed}
then:
  - send: hello
examples:
  - {name: greets, given: [{at: 2026-03-02 10:00, event: order.placed, order_id: A1}], expect: [{send: hello}]}
  - {name: rests, given: [{at: 2026-03-02 10:00, event: chat.ended, chat_id: C1}], expect: nothing}
"""


def version(number: int) -> Folder:
    letter = f"---\nsubject: Hello {number}\npreheader: Short.\n---\nHello.\n"
    folder = load_files({"policy.yaml": b"languages: [en]\n", "rules/hello.yaml": RULE.encode(), "letters/hello.md": letter.encode()})
    assert folder.errors == ()
    return folder


V1, V2 = version(1), version(2)


class Topic:
    """care.playbooks, read by several processes."""

    def __init__(self) -> None:
        self.records: list[str] = []
        self.readers: list[Versions] = []

    def reads(self, versions: Versions) -> "Reader":
        self.readers.append(versions)
        for each in self.records:
            versions.put(each, encode_version(Version(each, "", {})))
        return Reader(self)


class Reader:
    """One process's door to it; `full` refuses every version."""

    full = False
    stamps: dict[str, int]

    def __init__(self, topic: Topic) -> None:
        self.topic = topic
        self.stamps = {each: Clock().now() for each in topic.records}

    async def catch_up(self) -> None:
        """It always is."""

    async def publish(self, published: Version) -> None:
        if self.full:
            raise TooLarge("expected a playbook that takes at most so much")
        self.topic.records.append(published.version)
        for versions in self.topic.readers:
            versions.put(published.version, encode_version(published))


@pytest.fixture
def process(tmp_path: Path) -> Callable[..., Reload]:
    """A decider's reload with a folder of its own: `process("one", V1, topic)`; its state stays for the next life of the same name."""

    def begin(name: str, own: Folder, topic: Topic) -> Any:
        settings = StreamSettings("", 1, tmp_path / name)
        nothing: Any = None
        reload: Any = Reload(settings, Versions(own, tmp_path), nothing, nothing, Clock(), CollectorRegistry())
        reload._published = topic.reads(reload._versions)
        return reload

    return begin


async def test_a_rolling_deployment_goes_forward_only(process: Callable[..., Any]) -> None:
    topic = Topic()
    one, two = process("one", V1, topic), process("two", V1, topic)
    for each in (one, two):
        await each._begin()
    assert topic.records == [V1.playbook.version]
    await process("two", V2, topic)._begin()
    assert topic.records == [V1.playbook.version, V2.playbook.version]
    left_behind = process("one", V1, topic)
    await left_behind._begin()
    assert topic.records == [V1.playbook.version, V2.playbook.version], "it was restarted with the folder that it had"
    assert left_behind._versions.newest == V2.playbook.version
    assert left_behind.remark() == f"playbook: version {V2.playbook.version} replaced the folder's {V1.playbook.version}, which comes back when it is edited"
    await process("one", V2, topic)._begin()
    await process("two", V1, topic)._begin()
    assert topic.records[2:] == [V1.playbook.version], "going back is an edit, too"


async def test_an_edit_is_published_once_however_many_see_it_and_so_is_its_undoing(process: Callable[..., Any]) -> None:
    topic = Topic()
    one, two = process("one", V1, topic), process("two", V1, topic)
    for each in (one, two):
        await each._begin()
    for folder in (V2, V1):
        for each in (one, two):
            await each._accept(folder)
    assert topic.records == [V1.playbook.version, V2.playbook.version, V1.playbook.version]
    assert (one.remark(), two.remark()) == ("", "")


async def test_what_is_active_is_kept_on_the_topic(process: Callable[..., Any]) -> None:
    topic = Topic()
    one = process("one", V1, topic)
    await one._begin()
    one._published.stamps[V1.playbook.version] = Clock().now() - 3_600_000
    await one._keep()
    one._published.stamps[V1.playbook.version] = Clock().now() - 25 * 3_600_000
    await one._keep()
    assert topic.records == [V1.playbook.version] * 2


async def test_an_edit_that_fits_into_no_record_is_a_broken_one(process: Callable[..., Any]) -> None:
    one = process("one", V1, Topic())
    await one._begin()
    one._published.full = True
    await one._accept(V2)
    assert one.remark() == f"playbook: expected a playbook that takes at most so much; version {V1.playbook.version} keeps running"


class Partitions:
    """The owned partitions, each with what its state says is active; as the stores, the lanes and the writer."""

    def __init__(self, **active: Timeline | None) -> None:
        self.running = {int(name[1:]): type("Running", (), {"store": self._store(timeline)})() for name, timeline in active.items()}
        self.written: list[tuple[int, str]] = []

    def _store(self, timeline: Timeline | None) -> Any:
        return type("Store", (), {"playbooks": lambda _: timeline.encoded() if timeline else None})()

    def packed(self, records: Any) -> Any:
        return records

    async def write(self, topic: str, partition: int, records: Any) -> None:
        assert topic == "care.events"
        self.written += [(partition, decode_event(record.value).data["version"]) for record in records]


async def test_the_owner_asks_once_for_each_partition_in_which_the_newest_is_not_active(tmp_path: Path) -> None:
    newest = V1.playbook.version
    of: Any = Partitions(
        p0=None,
        p1=Timeline.assumed(newest),
        p2=Timeline((Active(1, 5, newest),)),
        p3=Timeline((Active(1, 5, "other"),)),
    )
    activating = Activating(of, of, Versions(V1, tmp_path), Clock())
    for _ in range(3):
        await activating.look()
    assert of.written == [(0, newest), (1, newest), (3, newest)]
    of.running[3] = Partitions(p3=Timeline((Active(1, 5, "other"),))).running[3]
    await activating.look()
    assert [partition for partition, _ in of.written[3:]] == [3], "given up and taken over again"


async def test_a_version_that_this_code_does_not_understand_is_not_activated_here(tmp_path: Path) -> None:
    strange = load_files({"policy.yaml": b"languages: [en]\n", "rules/hello.yaml": RULE.replace("send: hello\nexa", "teleport: hello\nexa").encode()})
    of: Any = Partitions(p0=None)
    activating = Activating(of, of, Versions(strange, tmp_path), Clock())
    await activating.look()
    assert (of.written, activating.refused) == ([], strange.playbook.version)
