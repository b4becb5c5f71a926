"""The courier with a real ledger and a mail server that misbehaves on purpose."""

import asyncio
from dataclasses import replace

import pytest
from care_contracts.clock import DAY_MS
from care_contracts.records import altered
from care_contracts.suppression import EVERYTHING, Suppressions
from outreach.backoff import Backoff
from sqlalchemy import Engine

from deploy.mail.scripted import DROP, scripted
from tests.outreach.delivery.post_office import POLICY, courier_for, order, real_ms


async def test_a_command_becomes_one_message_and_one_event(engine: Engine, suppressions: Suppressions) -> None:
    command = order()
    async with scripted() as server, courier_for(server.port, engine, suppressions) as desk:
        await desk.deliver(command)
    assert server.message_ids() == [f"<{command.command_id}@northwind.example>"]
    assert desk.told_ids() == [f"{command.command_id}.sent"]
    assert (desk.row(command).state, desk.row(command).wake, desk.row(command).command) == ("sent", None, None)


async def test_the_same_command_again_sends_and_tells_nothing(engine: Engine, suppressions: Suppressions) -> None:
    command = order()
    async with scripted() as server, courier_for(server.port, engine, suppressions) as desk:
        await asyncio.gather(*(desk.deliver(command) for _ in range(5)))
        async with courier_for(server.port, engine, suppressions, owner="/second") as other:
            await other.deliver(command)
    assert len(server.inbox) == 1
    assert desk.told_ids() == [f"{command.command_id}.sent"]
    assert other.told == []


async def test_two_couriers_with_the_same_commands_send_each_once(engine: Engine, suppressions: Suppressions) -> None:
    commands = [order(f"A{number}") for number in range(60)]
    async with (
        scripted() as server,
        courier_for(server.port, engine, suppressions, owner="/first") as one,
        courier_for(server.port, engine, suppressions, owner="/second") as two,
    ):
        await asyncio.gather(*(desk.deliver(command) for command in commands for desk in (one, two)))
    assert sorted(server.message_ids()) == sorted(f"<{command.command_id}@northwind.example>" for command in commands)
    assert sorted(one.told_ids() + two.told_ids()) == sorted(f"{command.command_id}.sent" for command in commands)


async def test_what_was_put_off_is_sent_when_its_time_has_come(sqlite: Engine, suppressions: Suppressions) -> None:
    command, ledger_time = order(), [real_ms()]
    async with scripted({"RCPT": "450 4.2.0 greylisted"}) as server, courier_for(server.port, sqlite, suppressions, real=lambda: ledger_time[0]) as desk:
        await desk.deliver(command)
        await desk.deliver(command)
        assert server.inbox == [], "not before its time"
        assert desk.told == []
        ledger_time[0] += 61_000
        (waiting,) = desk.courier.writes.ledger.waking(ledger_time[0], 10)
        await desk.courier.carry_out(waiting)
    assert len(server.inbox) == 1
    assert desk.told_ids() == [f"{command.command_id}.sent"]
    assert desk.row(command).attempts == 2


async def test_a_letter_that_cannot_be_tried_again_in_time_expires(sqlite: Engine, suppressions: Suppressions) -> None:
    command = altered(order(), not_after=order().at + 30_000)
    async with scripted({"RCPT": "450 4.2.0 greylisted"}) as server, courier_for(server.port, sqlite, suppressions) as desk:
        await desk.deliver(command)
    assert desk.state(command) == "expired"
    assert desk.told[0].data["class"] == "expired"
    assert "450 4.2.0" in desk.told[0].data["reason"]


async def test_what_is_older_than_its_time_is_not_sent(sqlite: Engine, suppressions: Suppressions) -> None:
    command = altered(order(), not_after=order().at - DAY_MS)
    async with scripted() as server, courier_for(server.port, sqlite, suppressions) as desk:
        await desk.deliver(command)
    assert server.verbs == []
    assert [(event.type, event.data["class"]) for event in desk.told] == [("message.failed", "expired")]


async def test_while_the_mail_server_is_away_a_letter_waits_and_then_expires(sqlite: Engine, suppressions: Suppressions) -> None:
    command = altered(order(), not_after=order().at + 300)
    async with courier_for(9, sqlite, suppressions) as desk:
        await desk.deliver(command)
        assert not desk.courier.connections.reachable
    assert desk.state(command) == "expired"


@pytest.mark.parametrize("scope", ["care", EVERYTHING])
async def test_an_unsubscribe_stops_a_command_that_was_already_queued(scope: str, engine: Engine, suppressions: Suppressions) -> None:
    command = order()
    with engine.begin() as connection:
        suppressions.add(connection, "ADA@example.org ", scope, "unsubscribed", 1)
    async with scripted() as server, courier_for(server.port, engine, suppressions) as desk:
        await desk.deliver(command)
        await desk.deliver(order("A2", purpose="survey", address="ben@example.org"))
    assert len(server.inbox) == 1
    assert desk.told_ids()[0] == f"{command.command_id}.suppressed"
    assert desk.told[0].type == "message.suppressed"


async def test_an_address_that_does_not_exist_is_suppressed_at_once(engine: Engine, suppressions: Suppressions) -> None:
    async with scripted({"RCPT": "550 5.1.1 no such user"}) as server, courier_for(server.port, engine, suppressions) as desk:
        await desk.deliver(order("A1"))
        await desk.deliver(order("A2"))
    assert server.inbox == []
    assert [event.data["class"] for event in desk.told] == ["address", "suppressed"]


async def test_a_refusal_because_of_us_suppresses_nobody(engine: Engine, suppressions: Suppressions) -> None:
    async with scripted({"RCPT": "550 5.7.1 blocked"}) as server, courier_for(server.port, engine, suppressions) as desk:
        await desk.deliver(order("A1"))
        await desk.deliver(order("A2"))
    assert len(server.inbox) == 1
    assert desk.courier.metrics.sender_faults._value.get() == 1


async def test_the_staging_safety_net_lets_only_listed_addresses_through(sqlite: Engine, suppressions: Suppressions) -> None:
    policy = replace(POLICY, send_only_to=("*@northwind.example",))
    async with scripted() as server, courier_for(server.port, sqlite, suppressions, policy=policy) as desk:
        await desk.deliver(order("A1"))
        await desk.deliver(order("A2", address="Tess@Northwind.example"))
    assert len(server.inbox) == 1
    assert desk.told[0].data["class"] == "not_allowed"


async def test_a_letter_that_cannot_be_rendered_is_a_recorded_failure(sqlite: Engine, suppressions: Suppressions) -> None:
    async with scripted() as server, courier_for(server.port, sqlite, suppressions) as desk:
        await desk.deliver(order(what="broken"))
    assert (desk.told[0].type, desk.told[0].data["class"]) == ("message.failed", "letter")
    assert "letters/broken.md:3" in desk.told[0].data["reason"]
    assert server.verbs == []


async def test_an_alert_reaches_the_team_and_opens_a_task(sqlite: Engine, suppressions: Suppressions) -> None:
    command = order(kind="alert", what="care", address="", options={"summary": "Low score\r\nBcc: evil@example.org", "within": 4 * 3_600_000})
    async with scripted() as server, courier_for(server.port, sqlite, suppressions) as desk:
        await desk.deliver(command)
    assert b"To: care-team@northwind.example\r\n" in server.inbox[0]
    assert b"\r\nBcc:" not in server.inbox[0].partition(b"\r\n\r\n")[0]
    assert [(event.id, event.type, event.data["task_id"]) for event in desk.told] == [(f"{command.command_id}.opened", "task.opened", command.command_id)]


async def test_an_escalation_is_about_the_first_task(sqlite: Engine, suppressions: Suppressions) -> None:
    command = order(kind="alert", what="care", address="", options={"summary": "Low score", "task_id": "first", "escalated": True})
    async with scripted() as server, courier_for(server.port, sqlite, suppressions) as desk:
        await desk.deliver(command)
    assert [(event.type, event.data["task_id"]) for event in desk.told] == [("task.escalated", "first")]


@pytest.mark.parametrize(("extensions", "state"), [(("SMTPUTF8", "8BITMIME"), "sent"), (("8BITMIME",), "failed")])
async def test_an_address_beyond_ascii_needs_a_server_that_can(extensions: tuple[str, ...], state: str, sqlite: Engine, suppressions: Suppressions) -> None:
    command = order(address="jürgen@bücher.example")
    async with scripted(extensions=extensions) as server, courier_for(server.port, sqlite, suppressions) as desk:
        await desk.deliver(command)
    assert desk.state(command) == state
    assert any("SMTPUTF8" in verb for verb in server.verbs) == (state == "sent")


async def test_connections_are_kept(sqlite: Engine, suppressions: Suppressions) -> None:
    async with scripted() as server, courier_for(server.port, sqlite, suppressions, connections=2) as desk:
        await asyncio.gather(*(desk.deliver(order(f"A{number}")) for number in range(20)))
    assert len(server.inbox) == 20
    assert server.connections <= 2


async def test_a_doubt_that_shall_be_resent_is_sent_again_with_the_same_message_id(sqlite: Engine, suppressions: Suppressions) -> None:
    command, clock = order(in_doubt="resend"), [real_ms()]
    async with (
        scripted({"DOT": DROP}) as server,
        courier_for(server.port, sqlite, suppressions, retry=Backoff(0.5, 0.5), real=lambda: clock[0]) as desk,
    ):
        await desk.deliver(command)
        assert desk.state(command) == "retry_at"
        clock[0] += 1000
        await desk.deliver(command)
    assert server.message_ids() == [f"<{command.command_id}@northwind.example>"] * 2
    assert desk.told_ids() == [f"{command.command_id}.sent"]


async def test_a_command_of_a_version_that_cannot_be_found_is_tried_again_until_it_is_too_late(engine: Engine, suppressions: Suppressions) -> None:
    fresh, late = order("A1", playbook="v0"), order("A2", playbook="v0", not_after=real_ms() + 1000)
    async with scripted() as server, courier_for(server.port, engine, suppressions) as desk:
        await desk.deliver(fresh)
        await desk.deliver(late)
        assert (desk.row(fresh).state, desk.row(fresh).category) == ("retry_at", "playbook")
        assert desk.state(late) == "expired"
    assert server.inbox == []
    assert [(event.type, event.data["class"]) for event in desk.told] == [("message.failed", "expired")]
    assert "version of the playbook" in desk.told[0].data["reason"]
