"""What became of a command: the ledger's states and the classes that events and metrics tell."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """The states of a row in the ledger. SENT to IN_DOUBT are final; only a late 250 or a person still ends IN_DOUBT."""

    ATTEMPTING = "attempting"
    RETRY_AT = "retry_at"
    SENT = "sent"
    FAILED = "failed"
    REFUSED = "refused"
    EXPIRED = "expired"
    SUPPRESSED = "suppressed"
    IN_DOUBT = "in_doubt"


class Category(StrEnum):
    """Whose fault it was, roughly by RFC 3463; the `class` of message.failed."""

    NONE = ""
    TEMPORARY = "temporary"  # the server asked to come back later, or the connection broke before the final dot
    ADDRESS = "address"  # there is no such mailbox: never write there again
    MAILBOX = "mailbox"  # the mailbox exists and cannot take the message (full, moved)
    CONTENT = "content"  # the message itself is not accepted (size, format)
    POLICY = "policy"  # about us, the sender: the operator has to act, the recipient is not to blame
    UNCLEAR = "unclear"  # refused without an enhanced status code: nobody is blamed
    LETTER = "letter"  # the letter could not be rendered
    PLAYBOOK = "playbook"  # the version of the playbook that it was decided under cannot be found (yet)
    COUPONS = "coupons"  # the pool of codes is empty: the operator has to fill it
    WEBHOOK = "webhook"  # the system that was called does not take it
    UNSUPPORTED = "unsupported"  # the courier or the mail server cannot do that
    NOT_ALLOWED = "not_allowed"  # policy's send_only_to does not contain the address
    STOPPED = "stopped"  # too many letters bounced or were complained about: an operator has to act
    EXPIRED = "expired"
    SUPPRESSED = "suppressed"
    IN_DOUBT = "in_doubt"  # perhaps delivered: not a definite failure
    LOST = "lost"  # was in doubt, and a person found out that it did not arrive


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a command. `reason` is for people and holds no personal data; at most 200 characters are kept."""

    state: State
    category: Category = Category.NONE
    reason: str = ""


SENT = Outcome(State.SENT)
IN_DOUBT = Outcome(State.IN_DOUBT, Category.IN_DOUBT, "the connection ended after the message and before the server's answer")
NO_VERSION = Outcome(State.RETRY_AT, Category.PLAYBOOK, "the version of the playbook that it was decided under cannot be found")
SUPPRESSED = Outcome(State.SUPPRESSED, Category.SUPPRESSED, "suppressed")


def expired(last: str = "") -> Outcome:
    """Too late to be of use; `last` is what kept it from being sent before."""
    return Outcome(State.EXPIRED, Category.EXPIRED, f"expired after: {last}" if last else "expired")


def settled(outcome: Outcome, *, resend: bool, last_chance: bool) -> Outcome:
    """What an attempt's outcome comes to, by the rule's choice for doubts and whether another try would come too late."""
    if outcome.state is State.IN_DOUBT and resend and not last_chance:
        return Outcome(State.RETRY_AT, Category.IN_DOUBT, outcome.reason)
    if outcome.state is State.RETRY_AT and last_chance:
        return expired(outcome.reason)
    return outcome
