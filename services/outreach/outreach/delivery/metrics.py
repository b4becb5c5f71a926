"""What an operator sees of the courier; nothing here names a person."""

from dataclasses import dataclass

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 5, 15, 60, 300, 3600)


@dataclass(frozen=True, slots=True)
class Metrics:
    """One courier's figures."""

    outcomes: Counter
    retries: Counter
    sender_faults: Counter
    dead: Counter
    lag: Gauge
    in_doubt: Gauge
    ledger_groups: Histogram
    command_to_250: Histogram
    accepted_to_250: Histogram
    coupons_left: Gauge
    coupons_empty: Counter
    stopped: Gauge
    bounce_rate: Gauge
    complaint_rate: Gauge


def metrics(registry: CollectorRegistry = REGISTRY) -> Metrics:
    """The figures, registered."""
    return Metrics(
        Counter("care_messages", "what became of commands", ("state", "class"), registry=registry),
        Counter("care_message_retries", "tries that were put off", registry=registry),
        Counter("care_sender_faults", "refusals that are about us, the sender: an operator has to act", registry=registry),
        Counter("care_courier_dead", "commands that could not be worked off and went to care.dead", registry=registry),
        Gauge("care_courier_lag", "commands on the topic that were not yet taken", registry=registry),
        Gauge("care_in_doubt", "messages that were perhaps delivered and wait for a decision", registry=registry),
        Histogram("care_ledger_group_size", "operations written to the ledger at once", registry=registry, buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500)),
        Histogram("care_command_to_250_seconds", "from the command on the topic to the mail server's 250", registry=registry, buckets=_SECONDS),
        Histogram("care_accepted_to_250_seconds", "from the event that released a message to the mail server's 250", registry=registry, buckets=_SECONDS),
        Gauge("care_coupons_left", "codes that nobody has yet", ("pool",), registry=registry),
        Counter("care_coupons_empty", "letters and gifts that had to wait for a code: an operator has to fill the pool", ("pool",), registry=registry),
        Gauge("care_letters_stopped", "1 while letters are stopped because too many bounced or were complained about", registry=registry),
        Gauge("care_bounce_rate", "letters of the last day that bounced, as a part of those sent", registry=registry),
        Gauge("care_complaint_rate", "letters of the last day that were complained about, as a part of those sent", registry=registry),
    )
