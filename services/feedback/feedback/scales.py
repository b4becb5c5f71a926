"""The scales that a survey can ask on, and which survey asks on which."""

from dataclasses import dataclass
from enum import StrEnum


class Mood(StrEnum):
    """How an answer sounds; the thank-you page answers in kind."""

    LOW = "low"
    MIDDLE = "middle"
    HIGH = "high"


@dataclass(frozen=True)
class Scale:
    """Whole scores from `lowest` to `highest`; up to `low` something went wrong, from `high` on all is well."""

    kind: str
    lowest: int
    highest: int
    low: int
    high: int

    @property
    def scores(self) -> range:
        """Every score that can be given."""
        return range(self.lowest, self.highest + 1)

    def score(self, text: str | None) -> int | None:
        """The score that a link or form names; None for anything that is not one, such as "05", "6" or "²"."""
        return next((score for score in self.scores if str(score) == text), None)

    def mood(self, score: int) -> Mood:
        """How a score sounds."""
        return Mood.LOW if score <= self.low else Mood.HIGH if score >= self.high else Mood.MIDDLE


CSAT = Scale("csat", 1, 5, low=2, high=4)
"""Customer satisfaction: five faces."""

NPS = Scale("nps", 0, 10, low=6, high=9)
"""Net Promoter: detractors to 6, promoters from 9 (Reichheld, HBR December 2003)."""

_BUILT_IN = {scale.kind: scale for scale in (CSAT, NPS)}


def scale_of(survey: str) -> Scale:
    """The scale of a survey by its name; CSAT where the name says nothing."""
    return _BUILT_IN.get(survey, CSAT)
