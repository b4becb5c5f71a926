"""Letters stop when too many bounce or are complained about, and go on when a person says so."""

from dataclasses import replace

import pytest
from care_contracts import reputation
from care_contracts.clock import DAY_MS
from care_contracts.reputation import HOUR_MS, Kind
from care_contracts.suppression import Suppressions
from outreach.cli.__main__ import app
from outreach.delivery.brake import Brake, resume
from sqlalchemy import Engine
from typer.testing import CliRunner

from deploy.mail.scripted import scripted
from tests.outreach.delivery.post_office import courier_for, order, real_ms

NOON = 500_000 * HOUR_MS


def brake(engine: Engine, sent: int, bounced: int, complained: int, now: int = NOON) -> Brake:
    """One that has looked a minute after all that."""
    with engine.begin() as connection:
        for kind, number in ((Kind.SENT, sent), (Kind.BOUNCED, bounced), (Kind.COMPLAINED, complained)):
            reputation.count(connection, kind, now, number)
    found = Brake(engine)
    found.look(now + 60_000)
    return found


@pytest.mark.parametrize(
    ("sent", "bounced", "complained", "warned", "stopped"),
    [
        (1000, 19, 0, False, False),
        (1000, 20, 0, True, False),
        (1000, 50, 0, True, True),
        (10, 4, 1, False, False),
        (4000, 0, 2, True, False),
        (2000, 0, 2, True, True),
    ],
)
def test_the_rates_of_a_day_warn_and_then_stop(sqlite: Engine, sent: int, bounced: int, complained: int, *, warned: bool, stopped: bool) -> None:
    found = brake(sqlite, sent, bounced, complained)
    assert (bool(found.warning), bool(found.stopped)) == (warned, stopped)
    assert bool(found.remark) == warned


def test_what_was_stopped_stays_so_until_a_person_lets_it_go_on(engine: Engine) -> None:
    assert brake(engine, 1000, 50, 0).stopped
    later = Brake(engine)
    later.look(NOON + 3 * DAY_MS)
    assert later.stopped == "50 of 1000 letters of the last day bounced", "though nothing bounced of late"
    with engine.begin() as connection:
        assert resume(connection, NOON + 60_000) == later.stopped
    after = Brake(engine)
    after.look(NOON + 120_000)
    assert (after.stopped, after.warning) == ("", "")


async def test_a_stopped_letter_waits_and_a_task_for_the_team_does_not(engine: Engine, suppressions: Suppressions) -> None:
    hard = "550 5.1.1 no such user"
    async with scripted({"RCPT": [hard] * 5}) as server, courier_for(server.port, engine, suppressions) as desk:
        for number in range(5):
            await desk.deliver(order(f"B{number}", address=f"gone{number}@example.org"))
        found = Brake(engine)
        found.look(real_ms())
        assert found.stopped == "5 of 5 letters of the last day bounced"
        desk.courier = replace(desk.courier, stopped=lambda: found.stopped)
        await desk.deliver(order("A1"))
        await desk.deliver(order("A2", kind="alert", what="care", address="", options={"summary": "Low score"}))
        assert (desk.row(order("A1")).state, desk.row(order("A1")).category, len(server.inbox)) == ("retry_at", "stopped", 1)
        said = CliRunner().invoke(app, ["resume", "--database", engine.url.render_as_string(hide_password=False)])
        assert (said.exit_code, said.output) == (0, "letters go on; they were stopped because 5 of 5 letters of the last day bounced\n")
        found.look(real_ms() + 6_000)
        (due,) = desk.courier.writes.ledger.waking(real_ms(), 10)
        await desk.courier.carry_out(due)
    assert len(server.inbox) == 2
    assert desk.told_ids()[-1] == f"{order('A1').command_id}.sent"
