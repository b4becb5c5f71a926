"""How much is asked of a mail server at once, and who stands in for one that is away."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from care_contracts.records import Event
from care_contracts.suppression import Suppressions
from care_contracts.wire import encode_command
from outreach.delivery.limits import Limits
from outreach.delivery.run import prepare
from sqlalchemy import Engine

from deploy.mail.scripted import DROP, Script, scripted
from tests.outreach.delivery.post_office import courier_for, order
from tests.outreach.delivery.test_run import put_together


async def test_messages_are_handed_in_no_faster_than_the_provider_allows(sqlite: Engine, suppressions: Suppressions) -> None:
    async with scripted() as server, courier_for(server.port, sqlite, suppressions) as desk:
        desk.courier = replace(desk.courier, limits=Limits(per_second=50))
        began = asyncio.get_running_loop().time()
        await asyncio.gather(*(desk.deliver(order(f"A{number}")) for number in range(20)))
        assert asyncio.get_running_loop().time() - began >= 19 / 50
    assert len(server.inbox) == 20


async def test_one_domain_never_has_all_the_connections() -> None:
    limits, inside, most = Limits(per_domain=2), dict[str, int](), dict[str, int]()

    async def one(domain: str) -> None:
        async with limits.room(f"ada@{domain}"):
            inside[domain] = inside.get(domain, 0) + 1
            most[domain] = max(most.get(domain, 0), inside[domain])
            await asyncio.sleep(0)
            inside[domain] -= 1

    await asyncio.gather(*(one(domain) for domain in ("a.example", "b.example") * 10))
    assert most == {"a.example": 2, "b.example": 2}
    assert limits._rooms == {}, "nothing is kept of domains that nobody waits for"


@pytest.mark.parametrize(
    ("first", "mails"),
    [
        ({"CONNECT": "554 5.3.2 no SMTP here"}, (0, 2)),  # cannot be reached: the second has them all
        ({"RCPT": "450 4.2.0 later"}, (0, 0)),  # not taken, but reached: it is asked again when the time has come
        ({"DOT": DROP}, (2, 0)),  # in doubt: nobody else is asked
    ],
    ids=str,
)
async def test_another_server_stands_in_only_for_what_was_never_begun(first: Script, mails: tuple[int, int], tmp_path: Path) -> None:
    told: list[Event] = []

    async def tell(event: Event) -> None:
        told.append(event)

    async with scripted(first, always=True) as one, scripted() as two:
        whole = put_together(tmp_path, one.port, smtp_second_url=f"smtp://127.0.0.1:{two.port}")
        prepare(whole.ledger.engine)
        writing = asyncio.create_task(whole.courier.writes.run())
        for name in ("A1", "A2"):
            await replace(whole.courier, tell=tell).carry_out(encode_command(order(name)))
        writing.cancel()
        await whole.courier.connections.close()
        whole.ledger.engine.dispose()
    assert (len(one.inbox), len(two.inbox)) == mails
    assert bool(whole.remark()) == (mails == (0, 2))
