"""Which events are poor and which are good experiences, by the event catalogue."""

from collections.abc import Callable, Mapping
from typing import Any

TICKET_PROMISE = 72 * 3_600_000
LONG_WAIT_S = 600

Data = Mapping[str, Any]


def _number(data: Data, name: str, otherwise: float) -> float:
    value = data.get(name)
    return float(value) if isinstance(value, int | float) else otherwise


def _score(data: Data, limits: Mapping[str, float], otherwise: float) -> tuple[float, float]:
    return _number(data, "score", otherwise), limits.get(str(data.get("kind")), otherwise)


def _low_score(data: Data) -> bool:
    score, limit = _score(data, {"csat": 2, "nps": 6, "ces": 3}, float("nan"))
    return score <= limit


def _high_score(data: Data) -> bool:
    score, limit = _score(data, {"csat": 4, "nps": 9}, float("nan"))
    return score >= limit


def _always(_: Data) -> bool:
    return True


POOR: Mapping[str, Callable[[Data], bool]] = {
    "ticket.opened": lambda data: data.get("priority") in ("high", "urgent"),
    "ticket.reopened": _always,
    "order.returned": _always,
    "order.delayed": lambda data: _number(data, "days_late", 0) >= 2,
    "payment.failed": _always,
    "survey.answered": _low_score,
    "review.posted": lambda data: _number(data, "rating", 5) <= 2,
    "chat.ended": lambda data: _number(data, "waiting_s", 0) > LONG_WAIT_S,
    "call.ended": lambda data: _number(data, "waiting_s", 0) > LONG_WAIT_S,
}

GOOD: Mapping[str, Callable[[Data], bool]] = {
    "order.delivered": _always,
    "survey.answered": _high_score,
    "review.posted": lambda data: _number(data, "rating", 0) >= 4,
    "reward.granted": _always,
}


def is_poor(event_type: str, data: Data) -> bool:
    """Whether the event is a poor experience for the customer."""
    judge = POOR.get(event_type)
    return judge is not None and judge(data)


def is_good(event_type: str, data: Data) -> bool:
    """Whether the event is a good experience; a ticket solved in the promised time is judged where tickets are noted."""
    judge = GOOD.get(event_type)
    return judge is not None and judge(data)


def is_low_score(data: Data) -> bool:
    """Whether a survey's answer is a low score: csat <= 2, nps <= 6, ces <= 3."""
    return _low_score(data)
