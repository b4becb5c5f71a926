"""The named points on a batch's way."""

from enum import StrEnum

from outreach.faults import Fault


class Point(StrEnum):
    """In the order in which a batch passes them, then those that no batch passes."""

    AFTER_FETCH = "after-fetch"
    AFTER_DECODE = "after-decode"
    AFTER_DECIDE = "after-decide"
    OUTPUTS_HALF_SENT = "outputs-half-sent"
    OUTPUTS_ACKNOWLEDGED = "outputs-acknowledged"
    CHANGELOG_HALF_WRITTEN = "changelog-half-written"
    CHANGELOG_ACKNOWLEDGED = "changelog-acknowledged"
    STATE_WRITTEN = "state-written"
    WHILE_COMMITTING = "while-committing"
    DURING_REBALANCE = "during-rebalance"
    DURING_RECOVERY = "during-recovery"


FAULT = Fault(Point)
reached = FAULT.reached
