"""The one clock: real time, or a scaled time in which a whole system lives a day per second."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

MS = 1000
DAY_MS = 86_400_000

_SPEC = re.compile(r"(?P<start>[^@]+)@(?P<speed>[0-9.]+)x(?:@(?P<anchor>.+))?")


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970 UTC; a naive datetime is an error, because nobody knows what it means."""
    if moment.tzinfo is None:
        raise ValueError(f"expected a moment with a time zone, got {moment.isoformat()}")
    return round(moment.timestamp() * MS)


def from_ms(ms: int) -> datetime:
    """The UTC datetime of milliseconds since 1970."""
    return datetime.fromtimestamp(ms / MS, UTC)


@lru_cache(maxsize=4096)
def rfc3339(ms: int) -> str:
    """`2026-03-02T10:00:00.000Z`, RFC 3339, always UTC and always with milliseconds; raises OverflowError outside the years 1 to 9999.

    Remembered, because one moment is often written several times in a row.
    """
    seconds, thousandths = divmod(ms, MS)
    days, second = divmod(seconds, 86_400)
    minutes, second = divmod(second, 60)
    return f"{_day(days)}T{minutes // 60:02}:{minutes % 60:02}:{second:02}.{thousandths:03}Z"


@lru_cache(maxsize=4096)
def _day(days: int) -> str:
    """The date so many days after 1970; remembered, because times come by the ten thousand a second and days do not."""
    return (date(1970, 1, 1) + timedelta(days)).isoformat()


def parse_rfc3339(text: str) -> int:
    """Milliseconds since 1970 of an RFC 3339 text; raises ValueError naming what was expected and what came."""
    try:
        return to_ms(datetime.fromisoformat(text))
    except ValueError as error:
        raise ValueError(f'expected a time such as "2026-03-02T10:00:00Z", got {text[:40]!r}') from error


@dataclass(frozen=True)
class Clock:
    """`now()` in milliseconds since 1970; with `speed` 86400 a day of this clock passes in a second.

    `start` is what the clock shows at the real moment `anchor` (both milliseconds since 1970). Processes that must
    agree about the time are given the same anchor.
    """

    start: int = 0
    speed: float = 1.0
    anchor: int = 0
    real: Callable[[], float] = time.time

    def now(self) -> int:
        """Milliseconds since 1970."""
        return self.start + round((self.real() * MS - self.anchor) * self.speed)

    def seconds_until(self, moment: int) -> float:
        """Real seconds until this clock shows `moment`; 0 when that has passed."""
        return max(0.0, (moment - self.now()) / MS / self.speed)

    @property
    def is_real(self) -> bool:
        """False for a scaled clock, which processes announce loudly."""
        return self.speed == 1.0 and self.start == self.anchor


def clock_from(spec: str, real: Callable[[], float] = time.time) -> Clock:
    """The clock that `CARE_CLOCK` describes: empty for real time, else `START@SPEEDx` or `START@SPEEDx@ANCHOR`.

    START and ANCHOR are RFC 3339 times. Without ANCHOR the clock begins at START when the process begins, which suits
    a single process; several processes are given the real moment at which their common clock showed START.
    """
    if not spec:
        return Clock(real=real)
    match = _SPEC.fullmatch(spec)
    if not match:
        raise ValueError(f'CARE_CLOCK: expected START@SPEEDx or START@SPEEDx@ANCHOR, such as "2026-01-01T00:00:00Z@86400x", got {spec!r}')
    anchor = parse_rfc3339(match["anchor"]) if match["anchor"] else round(real() * MS)
    return Clock(parse_rfc3339(match["start"]), float(match["speed"]), anchor, real)
