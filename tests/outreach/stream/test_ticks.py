"""Ticks on care.ticks."""

import pytest
from outreach.stream.ticks import Tick


def test_a_tick_survives_its_record() -> None:
    assert Tick.decoded(Tick(1_700_000_000_000, 42).encoded()) == Tick(1_700_000_000_000, 42)


@pytest.mark.parametrize("value", [None, b"", b"[]", b'{"upto": 1}', b'{"upto": "soon", "events": 1}'])
def test_anything_else_on_the_topic_is_named(value: bytes | None) -> None:
    with pytest.raises(ValueError, match=r"care\.ticks: expected"):
        Tick.decoded(value)
