"""How long to wait for a broker or database that is away: a little longer each time, with jitter, and never for good."""

import asyncio
import random

FIRST_S = 0.2
LONGEST_S = 10.0


class Patience:
    """Pauses between half and all of 0.2 s, 0.4 s, … 10 s; `worked` begins again with the shortest."""

    def __init__(self) -> None:
        self._next = FIRST_S

    def worked(self) -> None:
        """All is well again."""
        self._next = FIRST_S

    async def pause(self) -> None:
        """Waits, in real seconds."""
        most, self._next = self._next, min(2 * self._next, LONGEST_S)
        await asyncio.sleep(random.uniform(most / 2, most))  # noqa: S311 - jitter is no secret
