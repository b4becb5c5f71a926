"""The lease on our partitions: as long as the group has answered a heartbeat recently, nobody else has been given them."""

import asyncio
from time import monotonic

_OF_A_SESSION = 0.5
_LOOK_AGAIN = 0.05


class Lease:
    """Held for half a session after an answered heartbeat; a write that begins then reaches the broker within the session.

    A process that was stopped, or cut off, for longer wakes up without it and writes nothing beside its successor.
    """

    def __init__(self, session_timeout: float) -> None:
        self.seconds = session_timeout * _OF_A_SESSION
        self._until = 0.0

    def renew(self, sent: float) -> None:
        """The group has answered what was sent at the monotonic second `sent`. Called from the consumer's thread."""
        self._until = sent + self.seconds

    def held(self) -> bool:
        """Whether a write may begin."""
        return monotonic() < self._until

    async def wait(self) -> None:
        """Returns when a write may begin; for a process that has lost its partitions that is never, until they are given up."""
        while not self.held():  # noqa: ASYNC110 it is another thread that renews it
            await asyncio.sleep(_LOOK_AGAIN)
