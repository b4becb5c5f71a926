"""Waiting for what other processes do in their own time."""

import asyncio
import time
from collections.abc import Awaitable, Callable

_LOOK_S = 0.02


class NotInTime(RuntimeError):
    """Something that has to happen did not."""


async def until(what: Callable[[], bool | Awaitable[bool]], name: str, within_s: float, got: Callable[[], object] = str, every_s: float = _LOOK_S) -> float:
    """Waits until it holds and gives the seconds that took; raises NotInTime, which says what `got` gives. It looks every `every_s` seconds."""
    began = time.monotonic()
    while True:
        holds = what()
        if holds if isinstance(holds, bool) else await holds:
            return time.monotonic() - began
        if time.monotonic() - began > within_s:
            raise NotInTime(f"expected that {name} within {within_s:g} s; {got()}")
        await asyncio.sleep(every_s)
