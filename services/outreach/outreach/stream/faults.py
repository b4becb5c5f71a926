"""Named points on a batch's way at which a test lets this process die or stop; unless one is armed, nothing happens at any of them."""

import logging
import os
import random
import signal
import threading
from enum import StrEnum

log = logging.getLogger(__name__)

_IN_FLIGHT_SECONDS = 0.005


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


class Fault:
    """At most one is armed in a process, by `CARE_FAULT=POINT:PASSES[:SIGNAL]`."""

    def __init__(self) -> None:
        self._point: Point | None = None
        self._left = 0
        self._signal = signal.SIGKILL

    def arm(self, spec: str) -> None:
        """The signal (KILL unless it says STOP) comes when the point is passed for the PASSES-th time; "" arms nothing. Raises ValueError."""
        if not spec:
            return
        point, passes, name = (*spec.split(":"), "KILL")[:3]
        self._point, self._left, self._signal = Point(point), int(passes), signal.Signals[f"SIG{name}"]
        log.warning("this is a test: the process gets %s when it passes %s for the %dth time", self._signal.name, self._point, self._left)

    def reached(self, point: Point, *, in_flight: bool = False) -> None:
        """Says that `point` is being passed; `in_flight`: SIGKILL comes some milliseconds later, while something is under way."""
        if self._point is None or self._point is not point:
            return
        self._left -= 1
        if self._left == 0:
            if in_flight and self._signal is signal.SIGKILL:
                threading.Timer(random.uniform(0, _IN_FLIGHT_SECONDS), self._strike).start()  # noqa: S311 - no secret
            else:
                self._strike()

    def _strike(self) -> None:
        os.kill(os.getpid(), self._signal)


FAULT = Fault()
reached = FAULT.reached
