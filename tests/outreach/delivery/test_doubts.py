"""What is in doubt waits for a person; what they decide is done and told by the courier."""

import pytest
from care_contracts.records import Command
from care_contracts.suppression import Suppressions
from outreach.cli.__main__ import app
from outreach.delivery.doubts import Decision, Doubts
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

from deploy.mail.scripted import DROP, scripted
from tests.outreach.delivery.post_office import Desk, courier_for, order


async def taken_up(desk: Desk) -> None:
    """What the sweep does."""
    ledger = desk.courier.writes.ledger
    for raw in ledger.waking(desk.courier.real(), 10):
        await desk.courier.carry_out(raw)


@pytest.mark.parametrize(
    ("decision", "mails", "state", "told"),
    [
        (Decision.RESEND, 2, "sent", ("message.sent", "")),
        (Decision.DELIVERED, 1, "sent", ("message.sent", "")),
        (Decision.LOST, 1, "failed", ("message.failed", "lost")),
    ],
)
async def test_a_decision_is_carried_out_once_and_told(
    decision: Decision, mails: int, state: str, told: tuple[str, str], engine: Engine, suppressions: Suppressions
) -> None:
    command, doubts = order(), Doubts(engine)
    async with scripted({"DOT": DROP}) as server, courier_for(server.port, engine, suppressions) as desk:
        await desk.deliver(command)
        assert [doubt.command.command_id for doubt in doubts.all()] == [command.command_id]
        assert doubts.decide(command.command_id, decision, desk.courier.real())
        assert not doubts.decide(command.command_id, Decision.LOST, desk.courier.real()), "decided once"
        await taken_up(desk)
        await taken_up(desk)
        await desk.deliver(command)
    assert server.message_ids() == [f"<{command.command_id}@northwind.example>"] * mails
    assert desk.told_ids()[0] == f"{command.command_id}.in_doubt"
    assert [(event.type, event.data.get("class", "")) for event in desk.told[1:]] == [told]
    assert (desk.row(command).state, desk.row(command).wake, desk.row(command).command) == (state, None, None)


async def test_nothing_is_decided_before_the_stream_knows_of_the_doubt(sqlite: Engine, suppressions: Suppressions) -> None:
    async with scripted() as server, courier_for(server.port, sqlite, suppressions) as desk:
        await desk.deliver(order())
    assert not Doubts(sqlite).decide(order().command_id, Decision.RESEND, desk.courier.real())


def care(engine: Engine, *words: str) -> Result:
    return CliRunner().invoke(app, ["in-doubt", *words], env={"CARE_DATABASE_URL": engine.url.render_as_string(hide_password=False)})


async def in_doubt(engine: Engine, suppressions: Suppressions, command: Command) -> None:
    async with scripted({"DOT": DROP}) as server, courier_for(server.port, engine, suppressions) as desk:
        await desk.deliver(command)


async def test_a_person_looks_and_decides_without_seeing_an_address(sqlite: Engine, suppressions: Suppressions) -> None:
    await in_doubt(sqlite, suppressions, order())
    said = [care(sqlite, *words) for words in (("list",), ("show", order().command_id), ("settle", order().command_id, "lost"))]
    assert [result.exit_code for result in said] == [0, 0, 0]
    assert all(order().command_id in result.output for result in said[:2])
    assert not any("ada" in result.output.lower() for result in said)
    assert care(sqlite, "list").output == "nothing is in doubt\n"
    assert care(sqlite, "resend", order().command_id).exit_code == 1


async def test_what_is_of_no_use_any_more_is_not_sent_again(sqlite: Engine, suppressions: Suppressions) -> None:
    await in_doubt(sqlite, suppressions, order())
    result = CliRunner().invoke(app, ["in-doubt", "resend", order().command_id, "--database", str(sqlite.url), "--clock", "2999-01-01T00:00:00Z@1x"])
    assert (result.exit_code, len(Doubts(sqlite).all())) == (1, 1)
    assert "too late" in result.output
