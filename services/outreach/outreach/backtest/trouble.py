"""What can be wrong with a log or with the version that it is compared with."""


class NoLog(Exception):
    """There is no log to read: nothing at that place, or a broker that does not answer."""


class BrokenPart(Exception):
    """A part of the log cannot be read on from its record `number`; what came before it counts."""

    def __init__(self, number: int, why: str) -> None:
        super().__init__(why)
        self.number = number
        self.why = why


class NoVersion(Exception):
    """The other version of the playbook cannot be had."""
