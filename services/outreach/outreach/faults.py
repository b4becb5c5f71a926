"""Named points on the way of the work at which a test lets this process die or stop; unless one is armed, nothing happens at any of them."""

import logging
import os
import random
import signal
import threading
from enum import StrEnum

log = logging.getLogger(__name__)

_IN_FLIGHT_SECONDS = 0.005


class Fault:
    """At most one is armed in a process, by `CARE_FAULT=POINT:PASSES[:SIGNAL]`."""

    def __init__(self, points: type[StrEnum]) -> None:
        self._points = points
        self._point: StrEnum | None = None
        self._left = 0
        self._signal = signal.SIGKILL

    def arm(self, spec: str) -> None:
        """The signal (KILL unless it says STOP) comes when the point is passed for the PASSES-th time; "" arms nothing. Raises ValueError."""
        if not spec:
            return
        point, passes, name = (*spec.split(":"), "KILL")[:3]
        self._point, self._left, self._signal = self._points(point), int(passes), signal.Signals[f"SIG{name}"]
        log.warning("this is a test: the process gets %s when it passes %s for the %dth time", self._signal.name, self._point, self._left)

    def reached(self, point: StrEnum, *, in_flight: bool = False) -> None:
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
