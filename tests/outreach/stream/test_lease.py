"""Nobody writes for partitions that may belong to somebody else by now."""

import asyncio
from time import monotonic

from outreach.stream.lease import Lease


def test_there_is_no_lease_before_the_group_has_answered() -> None:
    assert not Lease(session_timeout=10).held()


def test_a_heartbeat_gives_a_lease_of_half_a_session_from_when_it_was_sent() -> None:
    lease = Lease(session_timeout=10)
    lease.renew(monotonic())
    assert lease.held()
    lease.renew(monotonic() - 5.1)
    assert not lease.held()


async def test_a_write_waits_for_the_next_answered_heartbeat() -> None:
    lease = Lease(session_timeout=10)
    waiting = asyncio.create_task(lease.wait())
    done, _ = await asyncio.wait([waiting], timeout=0.1)
    assert not done
    lease.renew(monotonic())
    await asyncio.wait_for(waiting, 1)
