"""Dead letters: records that cannot be worked off, as they came, with where from and why; and when it is too many."""

from collections.abc import Iterable, Sequence

from outreach.stream.batch import Dead, Raw
from outreach.stream.writer import Record


class TooManyDead(RuntimeError):
    """So many records in a row cannot be worked off that the code is suspected, not the records."""


def dead_letter(dead: Dead) -> Record:
    """The record for care.dead: original key, bytes and headers, and care-topic, care-partition, care-offset, care-why."""
    record = dead.record
    origin = (("care-topic", record.topic), ("care-partition", str(record.partition)), ("care-offset", str(record.offset)), ("care-why", dead.why))
    return Record(record.key, record.value, (*record.headers, *((name, text.encode()) for name, text in origin)))


def dead_in_a_row(before: int, records: Sequence[Raw], dead: Iterable[Dead], at_most: int) -> int:
    """How many of the last records in a row were dead, `before` having been so already; raises TooManyDead at `at_most`."""
    offsets = {each.record.offset for each in dead}
    count = before
    for record in records:
        count = count + 1 if record.offset in offsets else 0
        if count >= at_most:
            raise TooManyDead(f"{record.topic}[{record.partition}] up to offset {record.offset}: {count} records in a row cannot be worked off")
    return count
