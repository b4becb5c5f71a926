"""A real courier on the embedded broker dies in the crash window; `make courier-crash` is the long form."""

import pytest
from outreach.delivery.faults import Point

from deploy.mail.crash import courier_crash


@pytest.mark.embedded
async def test_a_courier_that_dies_in_the_crash_window_loses_nothing_and_repeats_only_what_its_rule_lets_it() -> None:
    tally = await courier_crash(1, (Point.AFTER_CLAIM, Point.AFTER_DOT, Point.AFTER_RECORD))
    assert tally.good, [tally.line(), *tally.complaints]
    assert tally.in_doubt_expected > 0
