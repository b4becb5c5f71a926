"""Lines that could not be read: all are counted, the first are shown with their place."""

from dataclasses import dataclass, field

SHOWN = 20
NUMBER_BITS = 48


@dataclass
class Unread:
    """`first` are the earliest of them as (place, why), in the order of the log."""

    count: int = 0
    first: list[tuple[int, str]] = field(default_factory=list)

    def add(self, place: int, why: str) -> None:
        """Counts one more."""
        self.merge(Unread(1, [(place, why)]))

    def merge(self, other: "Unread") -> None:
        """Counts those of another share of the log too."""
        self.count += other.count
        if not (len(self.first) == SHOWN and other.first and min(other.first) > self.first[-1]):
            self.first = sorted([*self.first, *other.first])[:SHOWN]


def place_of(part: int, number: int) -> int:
    """A number that stands for a record of a part and sorts as the log does."""
    return part << NUMBER_BITS | number


def spelled(place: int, names: tuple[str, ...]) -> str:
    """`file:line`."""
    return f"{names[place >> NUMBER_BITS]}:{place & ((1 << NUMBER_BITS) - 1)}"
