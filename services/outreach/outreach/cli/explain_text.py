"""An explanation for people: grouped by day, times in the policy's zone."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TextIO

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from outreach.core.calendar import local
from outreach.journal.different import Looking
from outreach.journal.timeline import Decided, Entry, Happened
from outreach.journal.why_not import Answer
from outreach.journal.words import day, file_of, values
from outreach.playbook.telling import Seen

WIDE = 110
_CHANGED = {False: "", True: "; the file was changed since", None: "; the playbook was changed since, and perhaps this file"}
_MARKS = {"sent": "green", "alerted": "green", "held": "yellow", "skipped": "red", "ended": "red", "not_met": "red"}


def show(looking: Looking, entries: Sequence[Entry], answer: Answer | None, out: TextIO) -> None:
    """Prints the answer, or the timeline."""
    console = Console(file=out, highlight=False, width=None if out.isatty() else WIDE)
    with console.capture() as capture:
        console.print(_head(looking))
        if looking.past.erased_at is not None:
            console.print(f"\nThe customer asked to be forgotten on {looking.when(looking.past.erased_at)}; nothing else is kept.", markup=False)
        if answer:
            _show_answer(looking, answer, console)
        _show_days(looking, entries, console)
    out.write("".join(f"{line.rstrip()}\n" for line in capture.get().splitlines()))


def _show_days(looking: Looking, entries: Sequence[Entry], console: Console) -> None:
    told: set[str] = set()
    for wall_day, same in groupby(entries, key=lambda entry: day(local(entry.at, looking.zone))):
        console.print(f"\n{wall_day}", style="bold", markup=False)
        console.print(_day(looking, list(same), told))


def _head(looking: Looking) -> Text:
    times = f"times in {looking.zone}, now {looking.when(looking.now)}; playbook {looking.playbook.version}"
    return Text.assemble((looking.past.customer_id, "bold"), (f"  {times}", "dim"))


def _day(looking: Looking, entries: list[Entry], told: set[str]) -> Padding:
    grid = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(2):
        grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for entry in entries:
        name, style = (entry.decision.rule, "bold") if isinstance(entry, Decided) else (entry.event.type, "cyan")
        grid.add_row(f"{local(entry.at, looking.zone):%H:%M}", Text(name, style), _what(looking, entry, told))
    return Padding(grid, (0, 0, 0, 2))


def _what(looking: Looking, entry: Entry, told: set[str]) -> Text:
    return _decided(entry, told) if isinstance(entry, Decided) else _happened(looking, entry)


def _happened(looking: Looking, entry: Happened) -> Text:
    event = entry.event
    facts = ", ".join(f"{name} {value}" for name, value in entry.facts.items())
    late = f"happened {looking.when(event.time)}" if abs(event.time - entry.at) >= 60_000 else ""
    return Text("; ".join(part for part in (facts, late, "imported" if event.history else "") if part), "dim")


def _decided(entry: Decided, told: set[str]) -> Text:
    """Where the rule is written is said once for each rule and version."""
    decision = entry.decision
    because = f": {entry.because}" if entry.because else ""
    lines = [Text(f"{entry.words}{because}", _MARKS.get(decision.verdict, ""))]
    lines += [Text(line, "") for line in (entry.became, entry.different) if line]
    if (origin := _origin(entry)) not in told:
        lines.append(Text(origin, "dim"))
        told.add(origin)
    return Text("\n").join(lines)


def _origin(entry: Decided) -> str:
    revision = f" (revision {entry.revision[:12]})" if entry.revision else ""
    return f"{entry.file} of playbook {entry.decision.playbook}{revision}{_CHANGED[entry.changed]}"


def _show_answer(looking: Looking, answer: Answer, console: Console) -> None:
    console.print(f"\nWhy not {answer.rule} ({file_of(answer.rule)})?", style="bold", markup=False)
    console.print(answer.sentence, markup=False)
    for line in (*_records(looking, answer), *_judgements(looking, answer.judgements)):
        console.print(Padding(line, (0, 0, 0, 2)))


def _records(looking: Looking, answer: Answer) -> Iterator[Text]:
    for record in answer.records:
        because = f": {record.because}" if record.because else ""
        yield Text(f"{looking.when(record.at)}  {record.decision.occurrence}  {record.words}{because}", _MARKS.get(record.decision.verdict, ""))


def _judgements(looking: Looking, judgements: Sequence[Seen]) -> Iterator[Text]:
    for seen in judgements:
        for part in seen.parts:
            held = {True: "met", False: "not met", None: "could not be judged"}[part.held]
            yield Text(f"{looking.when(seen.at)}  {held:12} {part.source}", "green" if part.held else "red")
        yield Text(f"  {values(seen.values)}", "dim")
