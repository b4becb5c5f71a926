"""How the relationship is doing: poor experiences pull down, good ones lift, within a window; the playbook says how much."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any


@dataclass(frozen=True, slots=True)
class HealthRules:
    """health.yaml as a value. Scores go from 0 to 100; `window` in milliseconds; red below `red_below`, green from `green_from` on."""

    start: float = 75
    window: int = 90 * 86_400_000
    per_poor: float = -22
    per_good: float = 5
    red_below: float = 40
    green_from: float = 70


@lru_cache(maxsize=1024)
def health(poor: int, good: int, rules: HealthRules) -> dict[str, Any]:
    """`score` 0..100, `band` red, amber or green, and the `reasons` in words, from the numbers of experiences in the window.

    Remembered, because most customers are in one of a few states; nobody changes what they are given.
    """
    score = max(0, min(100, rules.start + rules.per_poor * poor + rules.per_good * good))
    band = "red" if score < rules.red_below else "green" if score >= rules.green_from else "amber"
    days = rules.window // 86_400_000
    reasons = [
        f"{weight * many:+g}: {kind} experiences in {days} days: {many}"
        for kind, weight, many in (("poor", rules.per_poor, poor), ("good", rules.per_good, good))
        if many
    ]
    return {"score": score, "band": band, "reasons": reasons}
