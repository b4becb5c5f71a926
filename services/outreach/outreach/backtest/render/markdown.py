"""The report as a comment under a pull request: what matters at a glance, the tables folded away, short enough to be accepted."""

from collections.abc import Iterator

from outreach.backtest.render.sections import Section, changed, read, sections, shown, summary
from outreach.backtest.report import Report

LONGEST = 60_000  # characters; GitHub takes comments of up to 65,536
MOST_ROWS = 40
LONGEST_CELL = 160
AT_A_GLANCE = ("changes", "samples")
ESCAPED = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_{}[]<>#|~"} | {"@": "@\N{ZERO WIDTH SPACE}"})


def markdown(report: Report) -> str:
    """All of it that has room; what has none is named."""
    found = list(sections(report))
    open_ones = [section for section in found if section.name in (AT_A_GLANCE if report.difference else ("rules",))]
    lines = [f"### Backtest of the playbook `{report.figures.version}`", "", *_at_a_glance(report), ""]
    for section in open_ones:
        lines += [f"**{section.title}**", "", *_table(section), ""]
    return "\n".join([*lines, *_folded([section for section in found if section not in open_ones], sum(map(len, lines)))])


def _at_a_glance(report: Report) -> Iterator[str]:
    if report.difference:
        yield f"**{changed(report.difference).translate(ESCAPED)}**"
        yield ""
    yield f"{summary(report)} Read: {read(report.log)}"
    if report.log.unreadable:
        yield f"**{report.log.unreadable:,} lines could not be read.**"


def _folded(rest: list[Section], used: int) -> Iterator[str]:
    yield "<details><summary>All figures</summary>"
    yield ""
    for section in rest:
        block = "\n".join([f"**{section.title}** {section.says}", "", *_table(section), ""])
        used += len(block)
        yield block if used < LONGEST else f"**{section.title}** has no room here.\n"
    yield "</details>"
    yield ""


def _table(section: Section) -> Iterator[str]:
    yield _row(header for header in section.headers)
    yield "|" + "|".join("---:" if section.is_number(column) else "---" for column in range(len(section.headers))) + "|"
    for row in section.rows[:MOST_ROWS]:
        yield _row(shown(cell) for cell in row)
    if len(section.rows) > MOST_ROWS:
        yield ""
        yield f"and {len(section.rows) - MOST_ROWS:,} more"


def _row(cells: Iterator[str]) -> str:
    """Names from outside are shown as they are spelled, never as markup."""
    return "| " + " | ".join(cell[:LONGEST_CELL].strip().translate(ESCAPED) for cell in cells) + " |"
