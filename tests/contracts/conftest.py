"""What the tests of the contracts share: a moment, and an event as another system would post it."""

from collections.abc import Callable
from typing import Any

import pytest
from care_contracts.envelope import read_event
from care_contracts.problems import Problem
from care_contracts.records import Event

NOW = 1_772_445_600_000  # 2026-03-02T10:00:00Z
DELIVERED = {"id": "1", "type": "order.delivered", "customer_id": "c1", "data": {"order_id": "A1"}}
Read = Callable[..., Event]
Problems = Callable[..., dict[str, Problem]]


def _read(changes: dict[str, Any]) -> Event | list[Problem]:
    raw = {key: value for key, value in {**DELIVERED, **changes}.items() if value != "left out"}
    return read_event(raw, default_source="api:shop", now=NOW)


@pytest.fixture
def accepted() -> Read:
    """The event that a delivered order with changes becomes; the test fails when it is refused."""

    def read(**changes: Any) -> Event:
        event = _read(changes)
        assert isinstance(event, Event), event
        return event

    return read


@pytest.fixture
def problems() -> Problems:
    """The problems of a delivered order with changes, by pointer; the test fails when it is accepted."""

    def read(**changes: Any) -> dict[str, Problem]:
        found = _read(changes)
        assert isinstance(found, list), found
        return {problem.pointer: problem for problem in found}

    return read
