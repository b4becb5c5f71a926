"""The courier against the mail servers that most of the world's mail goes through."""

import asyncio
import tempfile
from pathlib import Path

import pytest
from care_contracts.suppression import Suppressions
from sqlalchemy import Engine

from deploy.embedded.ports import free_port
from deploy.mail.mta import missing, running
from tests.outreach.delivery.post_office import Desk, courier_for, order


async def outcome(desk: Desk, name: str) -> tuple[str, str]:
    command = order(name, address=f"{name}@example.org")
    await desk.deliver(command)
    return desk.row(command).state, desk.row(command).category


@pytest.mark.parametrize("name", ["postfix", "exim"])
async def test_a_real_mail_server_is_understood(name: str, sqlite: Engine, suppressions: Suppressions) -> None:
    if why := missing(name):
        pytest.skip(why)
    with tempfile.TemporaryDirectory(prefix="care-mta-", dir="/tmp") as folder:
        port = free_port()
        with running(name, Path(folder), port):
            async with asyncio.timeout(60), courier_for(port, sqlite, suppressions, exchange=30) as desk:
                found = {who: await outcome(desk, who) for who in ("ada", "nobody", "full", "later")}
                many = [order(f"ada-{number}", address="ada@example.org") for number in range(20)]
                await asyncio.gather(*(desk.deliver(command) for command in many))
                sent = {desk.state(command) for command in many}
    assert found == {"ada": ("sent", ""), "nobody": ("refused", "address"), "full": ("refused", "mailbox"), "later": ("retry_at", "temporary")}
    assert sent == {"sent"}, "also after what was refused on the same connections"
