"""The log spilled to disk, cut by customer: each shard holds whole customers, few enough that one shard fits into memory."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

import msgspec
from care_contracts.playbooks import activated
from care_contracts.records import Event
from care_contracts.wire import Unreadable, decode_event

from outreach.backtest.events import read_head, read_line, recorded_of
from outreach.backtest.parts import Part
from outreach.backtest.trouble import BrokenPart
from outreach.backtest.unreadable import Unread, place_of

SHARD_BYTES = 8 << 20
MOST_SHARDS = 1024
BLOCK_BYTES = 64 << 10
READ_EVERY = 5_000  # lines between two words about progress
_LENGTH = 4

Kept = tuple[str, int, bool, bytes]
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Kept]).decode


@dataclass(frozen=True)
class Shards:
    """The written shards. `end` is the latest moment at which anything was recorded (ms since 1970; 0 when nothing was)."""

    files: tuple[Path, ...]
    end: int
    unread: Unread


def count_for(parts: Iterable[Part], cores: int) -> int:
    """How many shards: enough to keep every core busy, and each one small whatever the size of the log."""
    return min(MOST_SHARDS, max(4 * cores if cores > 1 else 1, sum(part.size for part in parts) // SHARD_BYTES + 1))


@dataclass(frozen=True)
class Window:
    """What was recorded from `first` on and before `end` (ms since 1970); what lies outside is as if it were not there."""

    first: int = -(1 << 62)
    end: int = 1 << 62


@dataclass
class _Spill:
    """Shards while they are written. A block is appended when it is full, so that no number of shards keeps files open."""

    files: tuple[Path, ...]
    window: Window
    blocks: dict[int, list[Kept]] = field(default_factory=lambda: defaultdict(list))
    sizes: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    end: int = 0
    unread: Unread = field(default_factory=Unread)

    def put(self, place: int, raw: bytes) -> None:
        """Keeps a line in the shard of its customer."""
        try:
            head = read_head(raw)
        except msgspec.DecodeError:
            self._put_unusual(place, raw)
            return
        if head.customer:
            self._keep((head.customer, place, head.recordedtime is not None, raw), recorded_of(head))
        else:
            self._put_unusual(place, raw)

    def _put_unusual(self, place: int, raw: bytes) -> None:
        try:
            event = read_line(raw)
            if event.customer_id:
                self._keep((event.customer_id, place, False, raw), event.recorded)
            elif activated(event) is None:  # that a version became active is nobody's event, and the backtest has a version of its own
                self.unread.add(place, "expected the customer whom it happened to, got none")
        except Unreadable as error:
            self.unread.add(place, str(error))

    def _keep(self, kept: Kept, recorded: int) -> None:
        if not self.window.first <= recorded < self.window.end:
            return
        self.end = max(self.end, recorded)
        shard = crc32(kept[0].encode()) % len(self.files)
        self.blocks[shard].append(kept)
        self.sizes[shard] += len(kept[3])
        if self.sizes[shard] > BLOCK_BYTES:
            self._write(shard)

    def _write(self, shard: int) -> None:
        block = _encode(self.blocks.pop(shard, []))
        self.sizes[shard] = 0
        with self.files[shard].open("ab") as file:
            file.write(len(block).to_bytes(_LENGTH) + block)

    def finish(self) -> Shards:
        """Writes what is not full."""
        for shard in range(len(self.files)):
            self._write(shard)
        return Shards(self.files, self.end, self.unread)


def spill(parts: Sequence[Part], window: Window, files: tuple[Path, ...], tell: Callable[[int], None]) -> Shards:
    """Reads the whole log once and writes what lies in the window into these shards; `tell` hears how many lines were read so far."""
    written = _Spill(files, window)
    lines = 0
    for at, part in enumerate(parts):
        try:
            for number, raw in part.lines():
                written.put(place_of(at, number), raw)
                lines += 1
                if lines % READ_EVERY == 0:
                    tell(lines)
        except BrokenPart as broken:
            written.unread.add(place_of(at, broken.number), broken.why)
    tell(lines)
    return written.finish()


def customers_in(file: Path) -> Iterator[tuple[str, list[Kept]]]:
    """Each customer of a shard with their lines in the order of the log. Only this one shard is in memory, and less of it with every customer."""
    found: dict[str, list[Kept]] = {}
    for kept in _kept(file):
        found.setdefault(kept[0], []).append(kept)
    while found:
        yield found.popitem()


def _kept(file: Path) -> Iterator[Kept]:
    with file.open("rb") as blocks:
        while length := blocks.read(_LENGTH):
            yield from _decode(blocks.read(int.from_bytes(length)))


def events_of(lines: Sequence[Kept], unread: Unread) -> list[tuple[int, Event]]:
    """A customer's events, each with its place, in the order in which they were recorded; those recorded at one moment in the order of the log."""
    found = []
    for _, place, stamped, raw in lines:
        try:
            found.append((place, decode_event(raw) if stamped else read_line(raw)))
        except Unreadable as error:
            unread.add(place, str(error))
    found.sort(key=lambda read: read[1].recorded)
    return found
