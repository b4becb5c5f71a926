"""How long to wait before trying again: twice as long each time, with jitter, so that many do not come back at once."""

import asyncio
import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Delays in real seconds: between half and all of `first * 2**n`, at most `longest`."""

    first: float
    longest: float

    def delay(self, failures: int) -> float:
        """Seconds to wait after so many failures in a row (1 or more)."""
        most = min(self.longest, self.first * 2.0 ** min(failures - 1, 32))
        return random.uniform(most / 2, most)  # noqa: S311 - jitter is no secret

    async def pause(self, failures: int) -> None:
        """Waits `delay(failures)`."""
        await asyncio.sleep(self.delay(failures))


SERVICE_AWAY = Backoff(0.2, 10)
