"""Calendar times as five cron fields, `0 9 * * mon`: the only place that knows the cron library."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from cronsim import CronSim, CronSimError

_SOME_DAY = datetime(2026, 1, 1)  # noqa: DTZ001 - a wall clock


class BadCron(ValueError):
    """The text is no schedule."""


@dataclass(frozen=True)
class Cron:
    """Wall-clock times; raises BadCron for what is no schedule or never happens."""

    text: str

    def __post_init__(self) -> None:
        try:
            next(self._from(_SOME_DAY))
        except (CronSimError, StopIteration) as error:
            raise BadCron(f'expected five fields such as "0 9 * * mon", got "{self.text[:40]}"') from error

    def after(self, wall: datetime) -> datetime | None:
        """The first naive wall-clock time later than `wall`; None when there is none in the next fifty years."""
        return next(self._from(wall), None)

    def _from(self, wall: datetime) -> Iterator[datetime]:
        return CronSim(self.text, wall)
