"""How the relationship is doing, by the built-in rule: poor experiences pull down, good ones lift, in the last 90 days."""

from typing import Any

START, PER_POOR, PER_GOOD = 75, 22, 5
RED_BELOW, GREEN_FROM = 40, 70


def health(poor: int, good: int) -> dict[str, Any]:
    """`score` 0..100, `band` red, amber or green, and the `reasons` in words."""
    score = max(0, min(100, START - PER_POOR * poor + PER_GOOD * good))
    band = "red" if score < RED_BELOW else "green" if score >= GREEN_FROM else "amber"
    reasons = [f"-{PER_POOR * poor}: poor experiences in 90 days: {poor}"] * bool(poor) + [f"+{PER_GOOD * good}: good experiences in 90 days: {good}"] * bool(
        good
    )
    return {"score": score, "band": band, "reasons": reasons}
