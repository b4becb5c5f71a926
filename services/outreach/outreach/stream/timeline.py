"""Which version of the playbook was active in a partition from which record on, as the partition's own state remembers it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import msgspec


@dataclass(frozen=True, slots=True)
class Active:
    """The `number`-th activation of the partition; 0 was assumed before there was any. `at` in ms since 1970, never falling."""

    number: int
    at: int
    version: str
    revision: str = ""


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[Active, ...]).decode


@dataclass(frozen=True, slots=True)
class Timeline:
    """The activations that some customer may not have gone over to yet; the last one is in force for what happens next."""

    entries: Sequence[Active]

    @classmethod
    def decoded(cls, stored: bytes) -> Self:
        """The timeline in a stored row."""
        return cls(_decode(stored))

    @classmethod
    def assumed(cls, version: str) -> Self:
        """That of a partition in which nothing was activated yet."""
        return cls((Active(0, 0, version),))

    def encoded(self) -> bytes:
        """The row as it is stored."""
        return _encode(tuple(self.entries))

    @property
    def last(self) -> Active:
        """What was activated last."""
        return self.entries[-1]

    def activated(self, version: str, revision: str, at: int) -> Self:
        """With one more activation; repeating the last one changes nothing."""
        if version == self.last.version and self.last.number:
            return self
        return type(self)((*self.entries, Active(self.last.number + 1, max(at, self.last.at), version, revision)))

    def after(self, number: int) -> Iterator[tuple[Active | None, Active]]:
        """What a customer who has gone over to activation `number` has yet to go through: what was in force before, and what came."""
        for place, entry in enumerate(self.entries):
            if entry.number > number:
                yield self.entries[place - 1] if place else None, entry

    def in_force(self, number: int) -> Active:
        """The version of a customer who has gone over to activation `number`."""
        return next((entry for entry in reversed(self.entries) if entry.number <= number), self.entries[0])

    def since(self, moment: int) -> Self:
        """Without what was replaced by `moment` (ms), when every customer has gone over to what replaced it."""
        replaced = sum(entry.at <= moment for entry in self.entries) - 1
        return type(self)(self.entries[max(0, replaced) :])
