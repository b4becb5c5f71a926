"""Fewer log lines from the libraries: aiokafka says many times a second that a broker is away."""

import logging
from time import monotonic

_SECONDS = 30.0


class Seldom(logging.Filter):
    """Lets the same message through every 30 s only, whatever its arguments."""

    def __init__(self) -> None:
        super().__init__()
        self._next: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """False for a message that was said recently."""
        now = monotonic()
        if now < self._next.get(str(record.msg), 0.0):
            return False
        self._next[str(record.msg)] = now + _SECONDS
        return True


def quieten() -> None:
    """Faust and mode say errors only; aiokafka warnings, but seldom. Call it when both are imported."""
    for name, level in (("faust", logging.ERROR), ("mode", logging.ERROR), ("aiokafka", logging.WARNING)):
        logging.getLogger(name).setLevel(level)
    for name in [name for name in logging.root.manager.loggerDict if name.split(".")[0] == "aiokafka"]:
        logging.getLogger(name).addFilter(Seldom())
