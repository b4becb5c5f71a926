"""Ticks: what says on care.ticks that a partition's timers are due, and from which of its events on that may be worked off."""

import json
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Tick:
    """Everything due up to `upto` (ms since 1970), to be worked off once the events before offset `events` have been."""

    upto: int
    events: int

    def encoded(self) -> bytes:
        """The value of a record of care.ticks."""
        return json.dumps({"upto": self.upto, "events": self.events}).encode()

    @classmethod
    def decoded(cls, value: bytes | None) -> Self:
        """The tick in a record; raises ValueError when it is none, which means that somebody else writes to care.ticks."""
        try:
            fields = json.loads(value or b"")
            return cls(int(fields["upto"]), int(fields["events"]))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f'care.ticks: expected {{"upto": MS, "events": OFFSET}}, got {value!r}') from error
