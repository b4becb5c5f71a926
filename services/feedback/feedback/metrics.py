"""What operators can watch: pages shown, answers and consents taken, letters learnt of, and what still waits."""

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest


class Metrics:
    """Counters and gauges of one process, in a registry of their own; no label ever holds a token or anything personal."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.pages = Counter("feedback_pages", "Pages answered", ["page", "status"], registry=self._registry)
        self.answers = Counter("feedback_answers", "Survey answers that the broker confirmed", ["kind"], registry=self._registry)
        self.consents = Counter("feedback_consents", "Changes of consent", ["source"], registry=self._registry)
        self.returned = Counter("feedback_returned", "What came back to letters, and what was ignored", ["what", "class"], registry=self._registry)
        self.sender_faults = Counter("feedback_sender_faults", "Bounces that are about us, the sender: an operator has to act", registry=self._registry)
        self.forged = Counter("feedback_forged_calls", "Calls in a provider's name that were not the provider's, or too old", registry=self._registry)
        self.letters = Counter("feedback_letters", "Letters learnt of from care.outreach", registry=self._registry)
        self.dead = Counter("feedback_dead_letters", "Unreadable records brought to care.dead", registry=self._registry)
        self.lag = Gauge("feedback_outreach_lag", "Records of care.outreach not read yet", registry=self._registry)
        self.outbox = Gauge("feedback_outbox_events", "Events that wait for the broker", registry=self._registry)

    def text(self) -> bytes:
        """All of them in Prometheus' text format."""
        return generate_latest(self._registry)
