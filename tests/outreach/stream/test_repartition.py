"""More partitions: customers and their timers are found where their events come from now on."""

import time
from dataclasses import replace
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.partitioner import DefaultPartitioner
from care_contracts.topics import EVENTS
from outreach.core.customer import Customer
from outreach.stream.batch import agenda_key
from outreach.stream.codec import Stored, decode, encode
from outreach.stream.decider import SWEEP
from outreach.stream.keys import AGENDA, CUSTOMER, PLAYBOOKS, Marker
from outreach.stream.repartition import Move, NotReady, moved
from outreach.stream.timeline import Active, Timeline

from tests.outreach.stream.processes import PARTITIONS, Log, Place, until, worker

MORE = 6
CUSTOMERS = 60
ON_KAFKA = pytest.mark.parametrize("place", [pytest.param("kafka", marks=pytest.mark.kafka)], indirect=True)  # the embedded broker widens no topics


def place_of(customer: bytes, partitions: int) -> Any:
    return DefaultPartitioner()(customer, list(range(partitions)), list(range(partitions)))


async def write_state(place: Place, due: int) -> None:
    """What deciders of the playbook v1 left of so many customers, each with a timer."""
    changelog = f"{place.group}-state-changelog"
    admin = AIOKafkaAdminClient(bootstrap_servers=place.kafka)
    await admin.start()
    await admin.create_topics([NewTopic(changelog, PARTITIONS, 1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=place.kafka) as producer:
        for number in range(CUSTOMERS):
            key = b"c%d" % number
            rows = {CUSTOMER + key: encode(Stored(due, Customer(key.decode()), 3)), AGENDA + agenda_key(due, key): b"", AGENDA + agenda_key(due - 1, key): None}
            for row, value in rows.items():
                await producer.send(changelog, value, key=row, partition=place_of(key, PARTITIONS))
        for partition in range(PARTITIONS):
            timeline = Timeline((Active(partition + 3, 7, "v1"),))
            await producer.send(changelog, timeline.encoded(), key=PLAYBOOKS, partition=partition)
            await producer.send(changelog, Marker(0, 0).packed(), key=b"m", partition=partition)


@ON_KAFKA
async def test_every_timer_fires_once_in_the_partition_where_its_customer_is_now(place: Place, log: Log) -> None:
    due = round(time.time() * 1000) + 1000
    await write_state(place, due)
    assert await Move(place.kafka, place.group, f"{place.group}-2", MORE).run() == CUSTOMERS
    log.partitions = MORE
    with worker(place, "a", group=f"{place.group}-2", partitions=MORE) as one:
        until(one.ready)
        fired = await log.timers(CUSTOMERS)
    assert sorted(each.key for each in fired) == sorted(b"c%d" % number for number in range(CUSTOMERS))
    assert {each.key: each.partition for each in fired} == {each.key: place_of(each.key, MORE) for each in fired}
    assert {each.partition for each in fired} == set(range(MORE))
    rows = await log.read(f"{place.group}-2-state-changelog")
    assert {decode(row.value).activation for row in rows if row.key[:1] == CUSTOMER} == {1}
    assert {Timeline.decoded(row.value).last for row in rows if row.key == PLAYBOOKS} == {Active(1, 7, "v1")}


@ON_KAFKA
async def test_nothing_is_copied_while_something_is_not_worked_off(place: Place, log: Log) -> None:
    await write_state(place, 1)
    await log.send(1)
    with pytest.raises(NotReady, match="everything up to 1 to be worked off, got 0"):
        await Move(place.kafka, place.group, f"{place.group}-2", MORE).run()


@ON_KAFKA
async def test_what_was_worked_off_does_not_come_again(place: Place, log: Log) -> None:
    await write_state(place, 1)
    await log.send(40)
    events = [TopicPartition(EVENTS.name, number) for number in range(PARTITIONS)]
    async with AIOKafkaConsumer(bootstrap_servers=place.kafka, group_id=place.group, enable_auto_commit=False) as consumer:
        consumer.assign(events)
        await consumer.commit(await consumer.end_offsets(events))
    moving = Move(place.kafka, place.group, f"{place.group}-2", MORE)
    await moving.run()
    with pytest.raises(NotReady, match="delete it to begin anew"):
        await moving.run()
    await replace(moving, old=moving.new, new=f"{place.group}-3").run()


def test_markers_timelines_and_the_rest_of_a_sweep_stay_behind() -> None:
    for key in (b"m", PLAYBOOKS, AGENDA + agenda_key(7, SWEEP + b"c1")):
        assert list(moved(key, b"")) == []
    assert list(moved(CUSTOMER + b"c1", None)) == [(CUSTOMER + b"c1", None)]
