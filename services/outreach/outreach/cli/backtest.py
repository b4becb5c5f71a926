"""`care backtest`: what a playbook would have done with a log, and what it would do differently from another version."""

import os
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from care_contracts.clock import DAY_MS, to_ms
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from outreach.backtest.kafka import Bounds, partitions_of
from outreach.backtest.parts import Part, parts_at
from outreach.backtest.render.html import html
from outreach.backtest.render.jsontext import json_text
from outreach.backtest.render.markdown import markdown
from outreach.backtest.render.text import text
from outreach.backtest.reporting import make_report
from outreach.backtest.run import Task, Tell, backtest
from outreach.backtest.shards import Window
from outreach.backtest.trouble import NoLog, NoVersion
from outreach.backtest.versions import version_at
from outreach.cli.check import load, spelled
from outreach.playbook.load import Folder


class Format(StrEnum):
    """How the report is written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"


WRITERS = {Format.TEXT: text, Format.JSON: json_text, Format.MARKDOWN: markdown, Format.HTML: html}
KAFKA = "kafka"

Events = Annotated[
    str, typer.Option("--events", help="a file of events (JSON lines, also gzipped, or Parquet), a folder of such files, or kafka for care.events")
]
Playbook = Annotated[Path, typer.Option("--playbook", envvar="CARE_PLAYBOOK", help="the playbook folder")]
Against = Annotated[str, typer.Option("--against", help="another version to compare with: a folder, or a git revision of the playbook's repository")]
Until = Annotated[str, typer.Option("--until", help="let time pass to this moment, and leave out what was recorded later; the end of the log by default")]
Kafka = Annotated[str, typer.Option("--kafka", envvar="CARE_KAFKA", help="bootstrap servers, for --events kafka")]
From = Annotated[str, typer.Option("--from", help="leave out what was recorded before this date or time; for kafka also an offset of each partition")]
To = Annotated[str, typer.Option("--to", help="leave out what was recorded from this date or time on; for kafka also an offset")]
Cores = Annotated[int | None, typer.Option("--cores", min=1, help="how many cores to use; all by default")]
Printed = Annotated[Format, typer.Option("--format", help="text for people, json for programs, markdown for a pull request, html for a page with pictures")]
Output = Annotated[Path | None, typer.Option("--output", help="the file to write; standard output by default")]
HERE = Path("playbook")


def run(  # noqa: PLR0913, PLR0917 - the options of the command
    events: Events,
    playbook: Playbook = HERE,
    against: Against = "",
    until: Until = "",
    kafka: Kafka = "127.0.0.1:9092",
    first: From = "",
    to: To = "",
    cores: Cores = None,
    how: Printed = Format.TEXT,
    output: Output = None,
) -> None:
    """Replays a log of events through the playbook and reports what it would have sent, and what not and why. Nothing is sent or recorded.

    Exit 1 when a playbook has errors, 2 when there is nothing to read or an option is wrong.
    """
    now = _without_errors(playbook)
    try:
        with ExitStack() as held:
            other = held.enter_context(version_at(against, playbook)) if against else None
            then = _without_errors(other, against) if other else None
            window = Window(*(_moment(option, text) or unbound for option, text, unbound in (("--from", first, Window.first), ("--to", to, Window.end))))
            task = Task(_parts(events, kafka, first, to), playbook, other, _moment("--until", until), window)
            outcome, end = backtest(task, cores or os.cpu_count() or 1, held.enter_context(_progress()))
    except (NoLog, NoVersion, OSError) as trouble:
        raise _refusal(str(trouble)) from trouble
    except BrokenProcessPool as trouble:
        raise _refusal("one of its processes was ended from outside; is there memory enough for so many cores?") from trouble
    names = tuple(part.name for part in task.parts)
    report = make_report(outcome, end, names, now.playbook, (against, then.playbook) if then else None)
    if not outcome.events:
        raise _refusal("\n  ".join([f"nothing in {events} could be read as an event", *report.log.unreadable_first]))
    _write(WRITERS[how](report), output)


def _refusal(why: str) -> typer.Exit:
    typer.echo(f"backtest: {why}", err=True)
    return typer.Exit(2)


def _without_errors(folder: Path, name: str = "") -> Folder:
    """The playbook in the folder; one with errors is not replayed, because nobody could say what it means."""
    read = load(folder)
    if read.errors:
        where = name or str(folder)
        typer.echo("\n".join([*(spelled(folder, problem) for problem in read.errors), f"{where}: {len(read.errors)} errors, so it is not replayed"]), err=True)
        raise typer.Exit(1)
    return read


def _parts(events: str, kafka: str, first: str, to: str) -> tuple[Part, ...]:
    if events == KAFKA:
        since = _moment("--from", first)
        return partitions_of(kafka, Bounds(_offset(first), _offset(to), None if since is None else since - DAY_MS))
    for option, given in (("--from", first), ("--to", to)):
        if _offset(given) is not None:
            raise typer.BadParameter(f"{option}: expected a date or time, because files have no offsets, got {given!r}")
    return parts_at(Path(events))


def _offset(given: str) -> int | None:
    return int(given) if given.isdigit() else None


def _moment(option: str, given: str) -> int | None:
    """Milliseconds since 1970 of a date or time, UTC where it does not say; None for nothing or an offset."""
    if not given or _offset(given) is not None:
        return None
    try:
        moment = datetime.fromisoformat(given)
    except ValueError as error:
        raise typer.BadParameter(f"{option}: expected a date or time such as 2026-03-01 or 2026-03-01T09:00:00Z, got {given!r}") from error
    return to_ms(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


@contextmanager
def _progress() -> Iterator[Tell]:
    """Progress on standard error while it is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as shown:
        tasks: dict[str, TaskID] = {}

        def tell(what: str, done: int, whole: int) -> None:
            if what not in tasks:
                tasks[what] = shown.add_task(what, total=whole or None)
            shown.update(tasks[what], completed=done)

        yield tell


def _write(written: str, output: Path | None) -> None:
    if output is None:
        typer.echo(written, nl=False)
        return
    try:
        output.write_text(written, "utf-8")
    except OSError as error:
        raise _refusal(f"{output} cannot be written: {type(error).__name__}") from error
