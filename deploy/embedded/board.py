"""The live board in the terminal: what comes in, what is decided and why, what goes out, what comes back."""

import asyncio
from collections.abc import Iterable

from care_contracts.clock import Clock, from_ms
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from deploy.embedded.driver.play import Play
from deploy.embedded.plan import Plan
from deploy.embedded.system import System
from deploy.embedded.tally import Tally

REFRESH_S = 0.25
LINE_S = 10.0
ROWS = 9


def _rows(title: str, rows: Iterable[tuple[str, object]], style: str) -> Panel:
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(ratio=1, overflow="ellipsis", no_wrap=True)
    table.add_column(justify="right", style=f"bold {style}", no_wrap=True, min_width=6)
    for name, value in rows:
        table.add_row(name, f"{value:,}" if isinstance(value, int) else str(value))
    return Panel(table, title=title, border_style=style, title_align="left")


def addresses(plan: Plan, survey: str) -> list[tuple[str, str]]:
    """What to open in a browser."""
    return [("Inbox", plan.inbox), ("Post events", f"{plan.ingest}/docs"), ("A survey", survey or "as soon as the first one is out")]


def _date(clock: Clock) -> str:
    return f"{from_ms(clock.now()):%A, %d %B %Y, %H:%M} UTC at {clock.speed / 86_400:g} days a second"


class Board:
    """Draws one run."""

    def __init__(self, system: System, play: Play, tally: Tally) -> None:
        self._system, self._play, self._tally = system, play, tally

    def draw(self) -> RenderableType:
        """The board as of now."""
        columns = Table.grid(expand=True)
        for _ in range(3):
            columns.add_column(ratio=1)
        columns.add_row(self._came_in(), self._decided(), self._back())
        recent = Panel(
            Text("\n".join(reversed(self._tally.recent)) or "nothing decided yet", overflow="ellipsis", no_wrap=True),
            title="Latest decisions",
            title_align="left",
        )
        return Group(self._head(), columns, recent)

    def line(self) -> str:
        """The board in one line, where there is no terminal."""
        tally = self._tally
        day = from_ms(self._play.agenda.clock.now())
        return f"{day:%Y-%m-%d}  events {tally.events.total():,}  mails {tally.mails:,}  answers {tally.answers:,}  lag {sum(tally.lag.values()):,}"

    def _head(self) -> Panel:
        over = self._play.agenda.clock.now() > self._play.cast.end
        text = Text(f"Scaled time: {_date(self._play.agenda.clock)}{', the last purchase is over' if over else ''}\n", style="bold")
        for name, url in addresses(self._system.plan, self._play.readers.survey):
            text.append(f"{name:12}", style="dim").append(f"{url}\n", style=f"cyan link {url}" if url.startswith("http") else "dim")
        text.append(f"{self._system.broker.note}; logs in {self._system.plan.folder / 'logs'}; Ctrl-C ends everything", style="dim")
        return Panel(text, title="Careloop: real purchases, played again", title_align="left", border_style="green")

    def _came_in(self) -> Panel:
        top = self._tally.events.most_common(ROWS)
        return _rows("Events in", [("all", self._tally.events.total()), *top], "blue")

    def _decided(self) -> Panel:
        verdicts = [(name, self._tally.verdicts[name]) for name in ("sent", "alerted", "held") if self._tally.verdicts[name]]
        return _rows("Decisions", [*verdicts, *self._tally.reasons.most_common(ROWS - 2)], "magenta")

    def _back(self) -> Panel:
        tally = self._tally
        did = self._play.readers.did + self._play.readers.pages.did
        rows: list[tuple[str, object]] = [("mails out", tally.mails), ("answers back", tally.answers), ("CSAT", tally.csat()), ("NPS", tally.nps())]
        rows += [(f"lag {group}", lag) for group, lag in tally.lag.items()]
        rows += [(f"{name} started again", times) for name, times in self._system.supervisor.restarts.items()]
        return _rows("Out and back", [*rows, *[(what, did[what]) for what in ("read", "unsubscribed", "closed a task") if did[what]]], "green")


async def show(board: Board, console: Console) -> None:
    """Draws until cancelled: a live board in a terminal, a line now and then elsewhere."""
    if not console.is_terminal:
        while True:
            await asyncio.sleep(LINE_S)
            console.print(board.line(), highlight=False)
    with Live(board.draw(), console=console, auto_refresh=False, screen=False) as live:
        while True:
            live.update(board.draw(), refresh=True)
            await asyncio.sleep(REFRESH_S)
