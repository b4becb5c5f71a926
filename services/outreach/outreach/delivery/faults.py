"""The named points on a command's way: those of the crash window."""

from enum import StrEnum

from outreach.faults import Fault


class Point(StrEnum):
    """In the order in which a command passes them."""

    AFTER_POLL = "after-poll"
    AFTER_CLAIM = "after-claim"
    BEFORE_MAIL = "before-mail"
    IN_DATA = "in-data"
    AFTER_DOT = "after-dot"
    AFTER_250 = "after-250"
    AFTER_RECORD = "after-record"
    BEFORE_COMMIT = "before-commit"


FAULT = Fault(Point)
reached = FAULT.reached
