"""Waiting for what something else does in its own time: the one way in which tests do it."""

from collections.abc import Awaitable, Callable

from deploy.reliability import waiting


async def until(fact: Callable[[], bool | Awaitable[bool]], seconds: float = 60, every: float = 0.02) -> None:
    """Waits for a fact, which may be awaited; raises NotInTime after `seconds`. It looks every `every` seconds."""
    await waiting.until(fact, "it is so", seconds, every_s=every)
