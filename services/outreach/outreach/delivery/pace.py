"""How long things may take, in real seconds whatever the clock: networks and people's servers know no other."""

from dataclasses import dataclass, field

from outreach.backoff import Backoff

MARGIN_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Pace:
    """`exchange` bounds MAIL, RCPT, DATA and the answer together; `retry` puts off a message that was not taken."""

    exchange: float = 60
    retry: Backoff = field(default_factory=lambda: Backoff(5, 900))

    @property
    def lease(self) -> float:
        """How long a claim is respected: one whole exchange and a margin for everything around it."""
        return self.exchange + MARGIN_SECONDS
