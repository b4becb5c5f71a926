"""Records for the tests of the pure parts."""

from care_contracts.topics import EVENTS, TICKS
from outreach.stream.batch import Raw
from outreach.stream.ticks import Tick


def events(*offsets: int, value: bytes = b"x") -> list[Raw]:
    return [Raw(EVENTS.name, 0, offset, b"c%d" % offset, value) for offset in offsets]


def tick(offset: int, upto: int, after: int) -> list[Raw]:
    return [Raw(TICKS.name, 0, offset, b"0", Tick(upto, after).encoded())]
