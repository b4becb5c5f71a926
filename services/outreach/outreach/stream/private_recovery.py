"""Everything private of Faust's tables and their recovery that we override or reach into, each with its reason.

tests/outreach/stream/test_private_faust.py fails when any of it changes in a newer version.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import faust
from faust.stores.rocksdb import Store as FaustStore
from faust.tables.manager import TableManager
from faust.tables.recovery import Recovery
from faust.types import TP

from outreach.stream.store import Store

if TYPE_CHECKING:
    import rocksdict


class BatchRecovery(Recovery):  # type: ignore[misc]  # Faust is not typed
    """Faust's recovery, told of the changelog a fetch at a time: record by record it reads 9,000 a second, and a customer has two."""

    mundane_level = "debug"

    @faust.Service.task  # type: ignore[untyped-decorator]  # nor is mode
    async def _slurp_changelogs(self) -> None:
        """Faust takes single records from a queue here; `take` gets them instead."""
        await self.wait_until_stopped()

    def _set_recovery_started(self) -> None:
        """Faust's slurping clears the signal again and again; without it that is done once, before anything is read."""
        super()._set_recovery_started()
        self.signal_recovery_end.clear()

    def take(self, tp: TP, records: Sequence[Any]) -> None:
        """Fetched records of a changelog, in offset order: one write to the database, with the offset that it then contains."""
        offsets = self.active_offsets if tp in self.active_tps else self.standby_offsets
        seen = offsets.get(tp)
        fresh = [record for record in records if seen is None or record.offset > seen]
        if fresh and tp in self.active_tps | self.standby_tps:
            partition_store(self.app, tp.partition).write(((record.key, record.value) for record in fresh), fresh[-1].offset)
            offsets[tp] = fresh[-1].offset
            self._look()

    def _look(self) -> None:
        if self.in_recovery and not self.need_recovery():
            self._set_recovery_ended()
            self.signal_recovery_end.set()
        if not self.tables.standbys_ready and not self.standby_remaining_total():
            self.tables.on_standbys_ready()


class PromptTables(TableManager):  # type: ignore[misc]  # Faust is not typed
    """Faust's tables without the pause at start, with our recovery, and with databases that are closed when they are given up."""

    mundane_level = "debug"
    _recovery: BatchRecovery | None

    async def on_start(self) -> None:
        """Faust sleeps a second here, for agents and tables that register late; ours are all known before."""
        await self._update_channels()
        await self.recovery.start()

    async def on_rebalance(self, assigned: set[TP], revoked: set[TP], newly_assigned: set[TP], generation_id: int = 0) -> None:
        """Faust leaves closing to the garbage collector, and cannot open a database again to which anything still refers."""
        for table in self.values():
            close_databases(table.data, [tp.partition for tp in revoked if tp.topic in table.changelog_topic.topics])
        await super().on_rebalance(assigned, revoked, newly_assigned, generation_id)

    @property
    def recovery(self) -> BatchRecovery:
        """Faust has no setting for which one it makes."""
        if self._recovery is None:
            self._recovery = BatchRecovery(self.app, self, beacon=self.beacon, loop=self.loop)
        return self._recovery


def close_databases(kept: FaustStore, partitions: Iterable[int]) -> None:
    """The next owner, which may be this process again, can open them now."""
    for partition in partitions:
        if database := kept._dbs.pop(partition, None):  # noqa: SLF001 where Faust keeps them
            database.close()


def partition_store(app: faust.App, partition: int) -> Store:
    """The database that Faust has opened for a partition; Faust reads its changelog offset under `offset_key`."""
    database: rocksdict.Rdict = app.changelogged.data._db_for_partition(partition)  # noqa: SLF001 no public way to a partition's database
    return Store(database, FaustStore.offset_key)
