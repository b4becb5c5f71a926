"""What runs beside the pages for ever: when it ends for any reason but our own, that is an error, and the process is started again."""

import asyncio
from typing import Protocol


class Ended(RuntimeError):
    """A background task is over although nobody ended it."""


class Endless(Protocol):
    """Runs until it is cancelled."""

    async def run(self) -> None:
        """Never returns."""


async def for_ever(part: Endless) -> None:
    """Runs `part`; raises Ended when it returns or was cancelled by no one here, which a TaskGroup would take for a quiet end."""
    name = type(part).__name__
    try:
        await part.run()
    except asyncio.CancelledError as error:
        if (task := asyncio.current_task()) and task.cancelling():
            raise
        raise Ended(f"{name}: expected to run until cancelled, was cancelled from within") from error
    raise Ended(f"{name}: expected to run until cancelled, returned")
