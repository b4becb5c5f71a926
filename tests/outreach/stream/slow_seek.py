"""The toy whose start takes a second longer between the seek and its end, in which a fetch comes back: `python slow_seek.py SETTINGS-AS-JSON`."""

import asyncio
import sys
from typing import Any

from outreach.stream import private_faust

from tests.outreach.stream import toy

silence = private_faust.LaneThread.silence


async def silence_slowly(self: Any, partitions: Any) -> None:
    await silence(self, partitions)
    await asyncio.sleep(1)


if __name__ == "__main__":
    private_faust.LaneThread.silence = silence_slowly  # type: ignore[method-assign] # any await may take this long
    sys.exit(toy.main())
