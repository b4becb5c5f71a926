"""The report for a terminal: tables of at most a hundred columns."""

import textwrap
from collections.abc import Iterator

from outreach.backtest.render.sections import Section, changed, read, sections, shown, summary
from outreach.backtest.report import Report

WIDTH = 100
INDENT = "  "
MOST_ROWS = 36
GAP = 2
LEFT_OUT = ("hours",)  # no table for a terminal; the busiest hour is
NARROW = 8


def text(report: Report) -> str:
    """All of it."""
    return "\n".join(line.rstrip() for line in _lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield f"Backtest of the playbook {report.figures.version}"
    yield from _wrapped(read(report.log), "")
    yield from _wrapped(summary(report), "")
    if report.difference:
        yield from _wrapped(changed(report.difference), "")
    for section in sections(report):
        if section.name in LEFT_OUT:
            continue
        yield ""
        yield section.title
        yield from _wrapped(section.says, INDENT)
        yield from _samples(section) if section.name == "samples" else _table(section)


def _wrapped(words: str, indent: str) -> list[str]:
    return textwrap.wrap(words, WIDTH, initial_indent=indent, subsequent_indent=indent)


def _samples(section: Section) -> Iterator[str]:
    for row in section.rows:
        change, customer, rule, what, before, after, why = map(shown, row)
        yield _clipped(f"{INDENT}{change:<9}{customer}  {rule}: {what}", WIDTH)
        yield from textwrap.wrap(f"{before} -> {after}, {why}", WIDTH, initial_indent=" " * 11, subsequent_indent=" " * 11)


def _table(section: Section) -> Iterator[str]:
    """Rows beyond the most that one reads are left out; the other formats have them all."""
    cells = [list(section.headers), *([shown(cell) for cell in row] for row in section.rows[:MOST_ROWS])]
    widths = _widths(cells)
    for row in cells:
        aligned = (_aligned(cell, width, right=section.is_number(column)) for column, (cell, width) in enumerate(zip(row, widths, strict=True)))
        yield INDENT + (" " * GAP).join(aligned)
    if len(section.rows) > MOST_ROWS:
        yield f"{INDENT}and {len(section.rows) - MOST_ROWS:,} more lines"


def _widths(cells: list[list[str]]) -> list[int]:
    """What the columns need; the widest gives way until all of them fit."""
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    room = WIDTH - len(INDENT) - GAP * (len(widths) - 1)
    while sum(widths) > room and max(widths) > NARROW:
        widths[widths.index(max(widths))] -= 1
    return widths


def _aligned(cell: str, width: int, *, right: bool) -> str:
    return _clipped(cell, width).rjust(width) if right else _clipped(cell, width).ljust(width)


def _clipped(cell: str, width: int) -> str:
    return cell if len(cell) <= width else cell[: width - 1] + "…"
