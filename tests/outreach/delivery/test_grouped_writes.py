"""Writes in groups of whatever is waiting, through a database that goes away and comes back."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from outreach.backoff import Backoff
from outreach.delivery.claims import NOT_MINE, Standing
from outreach.delivery.grouped_writes import GroupedWrites
from outreach.delivery.ledger import Announced, Operation
from prometheus_client import Histogram
from sqlalchemy.exc import DataError, OperationalError


@dataclass
class FlakyLedger:
    """Fails as often as told; refuses the command `bad`."""

    failures: int = 0
    groups: list[int] = field(default_factory=list)

    def apply(self, operations: Sequence[Operation]) -> list[Standing]:
        if self.failures:
            self.failures -= 1
            raise OperationalError("", {}, ConnectionError("away"))
        if any(operation.command_id == "bad" for operation in operations):
            raise DataError("", {}, ValueError("refused"))
        self.groups.append(len(operations))
        return [NOT_MINE for _ in operations]


async def written(ledger: FlakyLedger, names: Sequence[str]) -> tuple[list[object], GroupedWrites]:
    writes = GroupedWrites(ledger, Histogram("sizes", "sizes", registry=None), Backoff(0.001, 0.01))  # type: ignore[arg-type] # a fake
    running = asyncio.create_task(writes.run())
    results = await asyncio.gather(*(writes.write(Announced(name)) for name in names), return_exceptions=True)
    running.cancel()
    return list(results), writes


async def test_what_waits_is_written_together() -> None:
    ledger = FlakyLedger()
    await written(ledger, [f"c{number}" for number in range(700)])
    assert ledger.groups == [500, 200]


async def test_while_the_database_is_away_writes_wait() -> None:
    ledger = FlakyLedger(failures=4)
    results, writes = await written(ledger, ["a", "b"])
    assert results == [NOT_MINE, NOT_MINE]
    assert ledger.groups == [2]
    assert writes.reachable


async def test_one_operation_that_the_database_refuses_spoils_no_other() -> None:
    results, _ = await written(FlakyLedger(), ["a", "bad", "b"])
    assert [type(result) for result in results] == [Standing, DataError, Standing]


@dataclass
class Noticing:
    """A backoff that says when it is asked for, and waits until it may go on."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def pause(self, _failures: int) -> None:
        self.asked.set()
        await self.go_on.wait()


async def test_an_unreachable_database_shows() -> None:
    backoff = Noticing()
    writes = GroupedWrites(FlakyLedger(failures=1), Histogram("sizes", "sizes", registry=None), backoff)  # type: ignore[arg-type] # fakes
    running, waiting = asyncio.create_task(writes.run()), asyncio.create_task(writes.write(Announced("a")))
    await backoff.asked.wait()
    before = writes.reachable
    backoff.go_on.set()
    assert await waiting == NOT_MINE
    assert (before, writes.reachable) == (False, True)
    running.cancel()
