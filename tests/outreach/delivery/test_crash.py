"""A courier that is killed with SIGKILL while a message is at the mail server, and the one that comes after it."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest
from care_contracts.suppression import Suppressions
from outreach.delivery import ledger_table
from sqlalchemy import Engine, inspect

from deploy.mail.scripted import HANG, scripted
from tests.outreach.delivery.post_office import courier_for, order

KEY = b"a key of sixteen"
CHILD = """
import asyncio, sys
from care_contracts.suppression import Suppressions
from outreach.database import open_engine
from tests.outreach.delivery.post_office import courier_for, order

async def main(port, url, in_doubt):
    async with courier_for(port, open_engine(url), Suppressions(b"a key of sixteen"), owner="courier-1/first", exchange=60) as desk:
        await desk.deliver(order(in_doubt=in_doubt))

asyncio.run(main(int(sys.argv[1]), sys.argv[2], sys.argv[3]))
"""


async def killed(at: asyncio.Event, port: int, url: str, in_doubt: str) -> None:
    """Starts a courier and kills it as soon as the server is `at` that point."""
    root = Path(__file__).parents[3]
    path = os.pathsep.join([str(root), str(root / "contracts"), str(root / "services/outreach")])
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", CHILD, str(port), url, in_doubt, env={**os.environ, "PYTHONPATH": path})
    async with asyncio.timeout(60):
        await at.wait()
    child.send_signal(signal.SIGKILL)
    await child.wait()


@pytest.mark.parametrize(("point", "verb"), [("after the final dot", "DOT"), ("before MAIL is answered", "MAIL")])
async def test_what_a_dead_courier_left_is_held_and_told(point: str, verb: str, database: str, engine: Engine) -> None:
    async with scripted({verb: HANG}) as server:
        await killed(server.reached[verb], server.port, database, "hold")
        async with courier_for(server.port, engine, Suppressions(KEY), owner="courier-1/second") as desk:
            desk.courier.writes.ledger.end_earlier_lives(desk.courier.real())
            await desk.deliver(order())
            await desk.deliver(order())
        assert len(server.inbox) <= 1, point
    assert desk.told_ids() == [f"{order().command_id}.in_doubt"]
    assert desk.told[0].data["class"] == "in_doubt"
    row = desk.row(order())
    assert (row.state, row.wake, bool(row.command)) == ("in_doubt", None, True), "kept for a person to decide"


async def test_a_rule_that_says_resend_sends_again_with_the_same_message_id(sqlite: Engine) -> None:
    async with scripted({"DOT": HANG}) as server:
        await killed(server.reached["DOT"], server.port, str(sqlite.url), "resend")
        async with courier_for(server.port, sqlite, Suppressions(KEY), owner="courier-1/second") as desk:
            desk.courier.writes.ledger.end_earlier_lives(desk.courier.real())
            await desk.deliver(order(in_doubt="resend"))
    assert server.message_ids() == [f"<{order().command_id}@northwind.example>"] * 2
    assert desk.told_ids() == [f"{order().command_id}.sent"]


async def test_another_courier_respects_the_claim_until_its_lease_is_over(sqlite: Engine) -> None:
    async with scripted({"DOT": HANG}) as server:
        await killed(server.reached["DOT"], server.port, str(sqlite.url), "hold")
        async with courier_for(server.port, sqlite, Suppressions(KEY), owner="courier-2/first") as desk:
            desk.courier.writes.ledger.end_earlier_lives(desk.courier.real())
            await desk.deliver(order())
            assert (desk.told, desk.state(order())) == ([], "attempting")
        later = desk.courier.real() + 80_000
        async with courier_for(server.port, sqlite, Suppressions(KEY), owner="courier-2/first", real=lambda: later) as desk:
            (left,) = desk.courier.writes.ledger.waking(later, 10)
            await desk.courier.carry_out(left)
    assert desk.told_ids() == [f"{order().command_id}.in_doubt"]


def test_the_table_is_made_once_by_however_many_processes(engine: Engine) -> None:
    before = inspect(engine).get_table_names()
    ledger_table.prepare(engine)
    ledger_table.prepare(engine)
    assert before
    assert inspect(engine).get_table_names() == before
