"""Background work that ends by itself is noticed, however it ended."""

import asyncio

import pytest
from feedback.background import Ended, for_ever


class Returns:
    async def run(self) -> None:
        return


class IsCancelledFromWithin:
    async def run(self) -> None:
        raise asyncio.CancelledError


class Runs:
    async def run(self) -> None:
        await asyncio.Event().wait()


@pytest.mark.parametrize("part", [Returns(), IsCancelledFromWithin()])
async def test_an_end_that_nobody_asked_for_is_an_error(part: Returns) -> None:
    with pytest.raises(ExceptionGroup) as caught:  # noqa: PT012 - the group is what is under test
        async with asyncio.TaskGroup() as group:
            group.create_task(for_ever(part))
            await asyncio.Event().wait()

    assert isinstance(caught.value.exceptions[0], Ended)


async def test_our_own_cancelling_is_none() -> None:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(for_ever(Runs()))
        await asyncio.sleep(0)
        task.cancel()

    assert task.cancelled()
