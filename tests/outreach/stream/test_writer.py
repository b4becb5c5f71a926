"""What a write promises to whoever builds on it."""

import asyncio
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from outreach.stream.lease import Lease
from outreach.stream.settings import StreamSettings
from outreach.stream.writer import Packed, Writer

from tests.waiting import until


async def test_what_is_acknowledged_when_the_lease_is_over_is_not_built_on_until_the_group_has_answered(tmp_path: Path) -> None:
    lease = Lease(session_timeout=0.2)
    lease.renew(monotonic())
    writer = Writer(StreamSettings("127.0.0.1:1", 1, tmp_path), lease)

    async def late(*_: Any) -> int:
        await until(lambda: not lease.held())
        return 7

    writer._attempt = late  # type: ignore[method-assign, assignment] # a broker that takes its time
    writing = asyncio.create_task(writer.write("state-changelog", 0, Packed((), ())))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(writing), 0.5)
    lease.renew(monotonic() + 10)
    assert await asyncio.wait_for(writing, 2) == 7
