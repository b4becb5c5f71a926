"""Pictures of a report as shapes: what is where in an SVG, worked out here, drawn by the page's template."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 720, 52, 16, 14, 30
HEIGHT = 250
LABELS = 200  # room for the names beside lying bars
NUMBERS = 64  # and for the figures behind them
ROW = 26
MOST_TICKS = 4
MOST_LABELS = 12
MOST_SERIES = 8
OTHER = "other rules"

Stack = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle; `series` is the number of its colour, `says` what it stands for."""

    x: float
    y: float
    width: float
    height: float
    series: int
    says: str


@dataclass(frozen=True, slots=True)
class Word:
    """A text at a point; `anchor` is start, middle or end."""

    x: float
    y: float
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing of so many units. `lines` are the heights of the grid, which begins at `left`; `legend` names the series in the order of their colours."""

    width: int
    height: int
    left: int
    bars: tuple[Bar, ...]
    words: tuple[Word, ...]
    lines: tuple[float, ...] = ()
    legend: tuple[str, ...] = ()


def columns(found: Sequence[tuple[str, Stack]], series: Sequence[str]) -> Picture:
    """Standing bars, one for each name, stacked by series; without a legend where there is one series only."""
    series, found = _few(series, found)
    top = max((sum(stack.values()) for _, stack in found), default=0)
    step = _step(top)
    room, scale = (WIDTH - LEFT - RIGHT) / max(len(found), 1), (HEIGHT - TOP - BOTTOM) / max(step * -(-top // step), 1)
    marks = range(0, top + step, step)
    bars = [bar for at, (name, stack) in enumerate(found) for bar in _stacked(LEFT + at * room, room, scale, name, stack, series)]
    every = -(-len(found) // MOST_LABELS)
    names = [Word(_round(LEFT + (at + 0.5) * room), HEIGHT - 10, name, "middle") for at, (name, _) in enumerate(found) if at % every == 0]
    scales = [Word(LEFT - 8, _round(_above(mark * scale) + 4), f"{mark:,}", "end") for mark in marks]
    return Picture(
        WIDTH, HEIGHT, LEFT, tuple(bars), (*names, *scales), tuple(_round(_above(mark * scale)) for mark in marks), tuple(series) if len(series) > 1 else ()
    )


def _few(series: Sequence[str], found: Sequence[tuple[str, Stack]]) -> tuple[Sequence[str], Sequence[tuple[str, Stack]]]:
    """No more series than there are colours that one can tell apart; the last is all the others."""
    if len(series) <= MOST_SERIES:
        return series, found
    kept = series[: MOST_SERIES - 1]
    shortened = [
        (name, {one: stack.get(one, 0) for one in kept} | {OTHER: sum(stack.values()) - sum(stack.get(one, 0) for one in kept)}) for name, stack in found
    ]
    return (*kept, OTHER), shortened


def _stacked(left: float, room: float, scale: float, name: str, stack: Stack, series: Sequence[str]) -> Iterator[Bar]:
    gap, below = min(6.0, room * 0.2), 0
    for number, one in enumerate(series):
        count = stack.get(one, 0)
        if count:
            says = f"{name}: {count:,}" + (f" {one}" if len(series) > 1 else "")
            yield Bar(_round(left + gap / 2), _round(_above((below + count) * scale)), _round(room - gap), _round(count * scale), number, says)
            below += count


def _above(height: float) -> float:
    return HEIGHT - BOTTOM - height


def _step(top: int) -> int:
    """A round number that goes into `top` at most four times."""
    size = 1
    while True:
        for factor in (1, 2, 5):
            if top <= factor * size * MOST_TICKS:
                return factor * size
        size *= 10


def lying(found: Sequence[tuple[str, int]]) -> Picture:
    """Lying bars of one series, the figures behind them."""
    top = max((count for _, count in found), default=0) or 1
    scale = (WIDTH - LABELS - NUMBERS) / top
    bars = [Bar(LABELS, at * ROW + 4, _thick(count * scale), ROW - 8, 0, f"{name}: {count:,}") for at, (name, count) in enumerate(found)]
    names = [Word(LABELS - 10, at * ROW + 18, _short(name), "end") for at, (name, _) in enumerate(found)]
    figures = [Word(_round(LABELS + count * scale + 6), at * ROW + 18, f"{count:,}", "start") for at, (_, count) in enumerate(found)]
    return Picture(WIDTH, len(found) * ROW, LABELS, tuple(bars), (*names, *figures))


def balance(found: Sequence[tuple[str, int, int]]) -> Picture:
    """What is lost to the left of a middle line, what is gained to the right of it: (name, gained, lost)."""
    most = max((max(gained, lost) for _, gained, lost in found), default=0) or 1
    half = (WIDTH - LABELS - 2 * NUMBERS) / 2
    middle, scale = LABELS + NUMBERS + half, half / most
    bars, words = [], []
    for at, (name, gained, lost) in enumerate(found):
        y = at * ROW
        bars += [Bar(_round(middle), y + 4, _thick(gained * scale), ROW - 8, 0, f"{name}: {gained:,} gained")] if gained else []
        bars += [Bar(_round(middle - _thick(lost * scale)), y + 4, _thick(lost * scale), ROW - 8, 1, f"{name}: {lost:,} lost")] if lost else []
        words.append(Word(LABELS - 10, y + 18, _short(name), "end"))
        words += [Word(_round(middle + gained * scale + 6), y + 18, f"+{gained:,}", "start")] if gained else []
        words += [Word(_round(middle - lost * scale - 6), y + 18, f"-{lost:,}", "end")] if lost else []
    return Picture(WIDTH, len(found) * ROW, LABELS, tuple(bars), tuple(words), (), ("gained", "lost"))


def _short(name: str) -> str:
    most = 28
    return name if len(name) <= most else name[: most - 1] + "…"


def _round(number: float) -> float:
    return round(number, 1)


def _thick(length: float) -> float:
    """Long enough to be seen."""
    return _round(max(length, 2))
