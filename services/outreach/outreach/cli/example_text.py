"""A failing example as one timeline: what happened beside what was expected, with the reasons in plain words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from textwrap import wrap

from care_contracts.reasons import PLAIN_WORDS, Reason

from outreach.journal.words import reason_words, verdict_words
from outreach.playbook.example_file import Expected
from outreach.playbook.examples import Happened, Result, line_of

WIDE = 100
_ANY_TIME = "at any time"
_SPELLED = "%Y-%m-%d %H:%M"


class Mark(StrEnum):
    """What a line of the timeline is: as expected, expected in vain, not expected, or told because it explains the others."""

    MET = "met"
    MISSING = "missing"
    SURPLUS = "surplus"
    CONTEXT = "context"


_SIGNS = {Mark.MET: " ", Mark.MISSING: "-", Mark.SURPLUS: "+", Mark.CONTEXT: " "}
_VERDICTS = {True: Mark.MET, False: Mark.SURPLUS, None: Mark.CONTEXT}
_ADDED = {Mark.MISSING: ": expected, did not happen", Mark.SURPLUS: ": happened, was not expected"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `at` is the policy's local time, None for what was expected at any time."""

    mark: Mark
    at: datetime | None
    words: str


def timeline(result: Result) -> list[Line]:
    """What was given, what happened and what was expected, in time order; of equal times in this order."""
    given = [Line(Mark.CONTEXT, line.at, line.event) for line in result.example.given]
    happened = [Line(_VERDICTS[one.expected], one.at, _told(one)) for one in result.happened]
    missing = [Line(Mark.MISSING, line.at, _line(line)) for line in result.missing]
    return sorted((*given, *happened, *missing), key=lambda line: (line.at is None, str(line.at)))


def example_text(result: Result, place: str) -> str:
    """The timeline under a headline that names the rule, the example and its place, at most WIDE columns."""
    lines = timeline(result)
    column = max(len(_clock(line.at)) for line in lines) if lines else 0
    head = [*wrap(f"FAILED {result.rule}: {result.example.name}", WIDE, subsequent_indent="  ", break_on_hyphens=False), f"  {place}"]
    return "\n".join([*head, *(text for line in lines for text in _spelled(line, column))])


def _spelled(line: Line, column: int) -> Iterator[str]:
    begun = f"  {_SIGNS[line.mark]} {_clock(line.at):{column}}  {'  ' if line.mark is Mark.CONTEXT else ''}"
    yield from wrap(line.words + _ADDED.get(line.mark, ""), WIDE, initial_indent=begun, subsequent_indent=" " * (len(begun) + 2))


def _clock(at: datetime | None) -> str:
    """Seconds only where there are some."""
    return at.strftime(f"{_SPELLED}:%S" if at.second else _SPELLED) if at else _ANY_TIME


def _line(line: Expected) -> str:
    """What an example says; the reason in plain words, and in the word that the file has for it."""
    because = f" because {PLAIN_WORDS[Reason(line.because)]} ({line.because})" if line.because in list(Reason) else ""
    return f"{line.verb} {line.what}".rstrip() + because


def _told(happened: Happened) -> str:
    """A line of the example where it is one; else what the engine did, as `care explain` says it."""
    decision, line = happened.decision, line_of(happened)
    if happened.expected is not None and line:
        return _line(line)
    until = f" until {_clock(happened.until)}" if happened.until else ""
    because = f" because {reason_words(decision)} ({decision.reason})" if decision.reason else ""
    return f"{verdict_words(decision)}{until}{because}" + (f": {decision.detail}" if decision.detail else "")
