"""Replays a log through one playbook or two, on as many cores as wanted, and adds up what came of it."""

import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from outreach.backtest.compare import Changes
from outreach.backtest.parts import Part
from outreach.backtest.replay import live
from outreach.backtest.shards import Window, count_for, customers_in, events_of, spill
from outreach.backtest.tally import Tally
from outreach.backtest.unreadable import Unread
from outreach.core.rules import Playbook
from outreach.playbook.load import load_folder

Tell = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Task:
    """What is to be replayed, by what. `until` is the last moment (ms since 1970); None is the end of the log. Folders are known to be without errors."""

    parts: Sequence[Part]
    playbook: Path
    against: Path | None = None
    until: int | None = None
    window: Window = field(default_factory=Window)


@dataclass
class Outcome:
    """What came of a share of the log, or of all of it. Times in ms since 1970; `late` events were recorded after the last moment."""

    events: int = 0
    late: int = 0
    customers: int = 0
    first: int | None = None
    last: int | None = None
    unread: Unread = field(default_factory=Unread)
    now: Tally = field(default_factory=Tally)
    before: Tally = field(default_factory=Tally)
    changes: Changes = field(default_factory=Changes)

    def merge(self, other: "Outcome") -> None:
        """Adds another share."""
        self.events += other.events
        self.late += other.late
        self.customers += other.customers
        self.first = min((moment for moment in (self.first, other.first) if moment is not None), default=None)
        self.last = max((moment for moment in (self.last, other.last) if moment is not None), default=None)
        for name in ("unread", "now", "before", "changes"):
            getattr(self, name).merge(getattr(other, name))


def backtest(task: Task, cores: int, tell: Tell) -> tuple[Outcome, int]:
    """What came of the whole log, and the moment up to which time passed (ms since 1970); `tell` hears (what, done, of how many or 0)."""
    with TemporaryDirectory(prefix="care-backtest-") as folder, _workers(cores) as work:
        files = tuple(Path(folder) / f"{number}.shard" for number in range(count_for(task.parts, cores)))
        shards = spill(task.parts, task.window, files, lambda lines: tell("reading", lines, 0))
        end = shards.end if task.until is None else task.until
        whole = Outcome(unread=shards.unread)
        shares = [Share(file, task.playbook, task.against, end) for file in shards.files]
        for done, outcome in enumerate(work(shares), 1):
            whole.merge(outcome)
            tell("deciding", done, len(shares))
    return whole, end


@dataclass(frozen=True)
class Share:
    """One shard and how to replay it."""

    file: Path
    playbook: Path
    against: Path | None
    end: int


Work = Callable[[Sequence[Share]], Iterator[Outcome]]


@contextmanager
def _workers(cores: int) -> Iterator[Work]:
    """Outcomes in the order of the shares. Processes are started anew, because a fork would not be safe everywhere, and at once, so that they are ready.

    Ctrl-C is for the one that people look at; the others end with it.
    """
    if cores == 1:
        yield lambda shares: map(replay, shares)
        return
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn"), initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN)) as pool:
        for _ in range(cores):
            pool.submit(_ready)
        yield lambda shares: pool.map(replay, shares)


def _ready() -> None:
    """A process that has run this has imported everything."""


@cache
def _playbook(folder: Path) -> Playbook:
    return load_folder(folder).playbook


def replay(share: Share) -> Outcome:
    """Replays every customer of one shard."""
    playbook, before = _playbook(share.playbook), _playbook(share.against) if share.against else None
    found = Outcome()
    zone = playbook.policy.time_zone
    for customer, lines in customers_in(share.file):
        read = events_of(lines, found.unread)
        events = [(place, event) for place, event in read if event.recorded <= share.end]
        found.late += len(read) - len(events)
        if not events:
            continue
        _note(found, [event.recorded for _, event in events])
        now = live(customer, events, playbook, share.end, found.unread)
        found.now.add(now, zone)
        if before:
            then = live(customer, events, before, share.end, Unread())
            found.before.add(then, zone)
            found.changes.add(then, now)
    return found


def _note(found: Outcome, recorded: Sequence[int]) -> None:
    found.events += len(recorded)
    found.customers += 1
    found.first = min(recorded[0], found.first if found.first is not None else recorded[0])
    found.last = max(recorded[-1], found.last if found.last is not None else recorded[-1])
