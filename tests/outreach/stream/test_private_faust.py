"""The contract with Faust's internals: what `private_faust` overrides or relies on is, word for word, what it was written against.

When this fails after an update: read the change, adapt `private_faust`, run the tests on both brokers, note the new digests.
"""

import importlib.metadata
import inspect
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from aiokafka.consumer.fetcher import Fetcher
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.producer.message_accumulator import BatchBuilder, MessageAccumulator
from faust.app import App
from faust.stores.rocksdb import Store
from faust.tables.manager import TableManager
from faust.tables.recovery import Recovery
from faust.transport.consumer import Consumer, ThreadDelegateConsumer
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread
from faust.transport.drivers.aiokafka import Consumer as DriverConsumer
from outreach.stream import private_faust, private_recovery
from outreach.stream.app import faust_app, state_table
from outreach.stream.rocks import Rocks
from outreach.stream.settings import StreamSettings

OVERRIDDEN: dict[Any, Any] = {
    private_recovery.PromptTables: TableManager,
    private_recovery.BatchRecovery: Recovery,
    private_faust.LaneThread: AIOKafkaConsumerThread,
    private_faust.LaneConsumer: DriverConsumer,
}
RELIED_UPON: dict[Callable[..., Any], str] = {
    TableManager.on_start: "365dd25fbc0e",
    TableManager.on_rebalance: "2d2c23a07bf5",
    Store.revoke_partitions: "3f85447a24fc",
    TableManager._update_channels: "88e3941facc9",
    AIOKafkaConsumerThread._create_worker_consumer: "c2701bfc3e6f",
    AIOKafkaConsumerThread.on_start: "38b4e8bd1e10",
    AIOKafkaConsumerThread.on_partitions_assigned: "e59e8dda4372",
    AIOKafkaConsumerThread._seek_wait: "9d221e816d94",
    AIOKafkaConsumerThread._commit: "932852ce7a23",
    AIOKafkaConsumerThread._fetch_records: "39a2c6c79fc1",
    Consumer.perform_seek: "0e8c130ff4b0",
    ThreadDelegateConsumer.seek_wait: "e9db5bbc4ceb",
    ThreadDelegateConsumer.highwaters: "3a2723b22582",
    Consumer.wait_empty: "e4662fe24f09",
    Consumer.resume_flow: "db59630f25b5",
    Consumer.verify_all_partitions_active: "4e0e46f5c297",
    Consumer._drain_messages: "44a2500309e8",
    Consumer._filter_tps_with_pending_acks: "f6f923977423",
    Consumer._new_offset: "1d2c7ea89a7a",
    DriverConsumer._new_consumer_thread: "0870ec53dea7",
    ThreadDelegateConsumer._commit: "a20eec84e4b2",
    Consumer._filter_committable_offsets: "dc5e9baf5d99",
    Consumer._commit_offsets: "1a6979904118",
    Consumer.on_partitions_revoked: "d04b7ae72c6f",
    Consumer.on_partitions_assigned: "29ce96596f05",
    Consumer.on_buffer_full: "c8961679e0bc",
    Consumer.on_buffer_drop: "4b57e8a418d5",
    Consumer._get_active_partitions: "b24897f3c7af",
    Recovery._restart_recovery.fun: "6bd8a8558a2d",
    Recovery.on_recovery_completed: "6ef567acf072",
    Recovery._seek_offsets: "19598ca63d94",
    Recovery._set_recovery_started: "bcfebf81ae13",
    Recovery._set_recovery_ended: "84badf3f2cfe",
    Recovery.need_recovery: "fd1dc345b5d5",
    Recovery.standby_remaining_total: "15bd44e3a39b",
    Recovery._add: "1584a197b11b",
    Recovery._build_offsets: "27eec86be06c",
    TableManager.recovery.fget: "f0bf5de78b4c",
    Recovery._slurp_changelogs.fun: "7825c7e50f76",
    App._on_partitions_revoked: "d5c895bbe57d",
    App._on_partitions_assigned: "de932b7927db",
    App._stop_consumer: "55854a5de12c",
    Store._db_for_partition: "cb7e67d5f9ef",
    Store._open_for_partition: "1dc4e0113d67",
    Store.apply_changelog_batch: "ea3344d369fc",
    Store.persisted_offset: "6f2e502fb860",
    GroupCoordinator._do_heartbeat: "dc1d6632aaa6",
    GroupCoordinator._heartbeat_routine: "61d010289522",
    GroupCoordinator.ensure_active_group: "33c84c1a9301",
    Fetcher.fetched_records: "be4348896b9b",
    Fetcher._get_actions_per_node: "1dab2cf937d1",
    MessageAccumulator.reenqueue: "f75f518a1ae2",
    BatchBuilder.append: "657d76f55157",
}


def digest(what: Callable[..., Any]) -> str:
    return sha256(inspect.getsource(inspect.unwrap(what)).encode()).hexdigest()[:12]


def test_the_versions_are_the_ones_this_was_written_against() -> None:
    assert importlib.metadata.version("faust-streaming") == "0.15.3"
    assert importlib.metadata.version("aiokafka") == "0.14.0"


@pytest.mark.parametrize("what", RELIED_UPON, ids=lambda each: each.__qualname__)
def test_what_is_relied_upon_has_not_changed(what: Callable[..., Any]) -> None:
    assert digest(what) == RELIED_UPON[what]


@pytest.mark.parametrize("ours", OVERRIDDEN, ids=lambda each: each.__name__)
def test_every_override_gives_its_reason_and_is_in_the_list_above(ours: Any) -> None:
    theirs = OVERRIDDEN[ours]
    overrides = [name for name, member in vars(ours).items() if inspect.isfunction(member) and hasattr(theirs, name) and not name.startswith("__")]
    assert overrides
    listed = {each.__name__ for each in RELIED_UPON}
    for name in overrides:
        assert vars(ours)[name].__doc__, f"{ours.__name__}.{name}"
        assert name in listed, f"{ours.__name__}.{name}"


def test_the_key_of_the_changelog_offset_is_where_faust_looks_for_it() -> None:
    assert Store.offset_key == b"__faust\0offset__"


def test_a_database_that_was_given_up_can_be_opened_again_although_somebody_still_refers_to_it(tmp_path: Path) -> None:
    settings = StreamSettings("127.0.0.1:1", 1, tmp_path)
    app = faust_app(settings)
    app.changelogged = table = state_table(app, settings)
    table.data.rocksdb_options = Rocks()
    referred_to = private_recovery.partition_store(app, 0)
    referred_to.write([(b"cann", b"1")], 7)
    private_recovery.close_databases(table.data, [0, 1])
    assert private_recovery.partition_store(app, 0).customer(b"ann") == b"1"
