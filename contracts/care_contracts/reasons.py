"""The closed lists of what can become of a step and why a message was not sent, each with its plain words."""

from enum import StrEnum


class Reason(StrEnum):
    """Why something did not happen (yet). The first block is the guards, in the order in which they are asked."""

    OFF = "off"
    ERASED = "erased"
    NO_ADDRESS = "no_address"
    SUPPRESSED = "suppressed"
    NO_CONSENT = "no_consent"
    ALREADY_SENT = "already_sent"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    STOPPED = "stopped"
    PERSON_ONLY = "person_only"
    PERSON_ON_IT = "person_on_it"
    NO_PROMOTION = "no_promotion"
    NO_SURVEY = "no_survey"
    COOL_OFF = "cool_off"
    QUIET_HOURS = "quiet_hours"
    CAP = "cap"
    HOLDOUT = "holdout"
    SHADOW = "shadow"
    # Why a rule did not begin, although its moment came.
    CONDITION_ERROR = "condition_error"
    NO_OCCASION = "no_occasion"
    TOO_MANY = "too_many"


PLAIN_WORDS: dict[Reason, str] = {
    Reason.OFF: "the rule is switched off",
    Reason.ERASED: "the customer asked to be forgotten",
    Reason.NO_ADDRESS: "no e-mail address is known",
    Reason.SUPPRESSED: "the address unsubscribed, complained or does not exist",
    Reason.NO_CONSENT: "the customer has not agreed to this kind of message",
    Reason.ALREADY_SENT: "this occasion was already taken care of",
    Reason.EXPIRED: "it would have come too late to be of use",
    Reason.CANCELLED: "something happened that made it pointless",
    Reason.STOPPED: "the rule's own condition said stop",
    Reason.PERSON_ONLY: "after repeated problems only a person writes",
    Reason.PERSON_ON_IT: "a colleague is taking care of this customer",
    Reason.NO_PROMOTION: "this is no moment for promotions",
    Reason.NO_SURVEY: "this is no moment for surveys",
    Reason.COOL_OFF: "a low score was given a short while ago",
    Reason.QUIET_HOURS: "it is night or a day of rest where the customer lives",
    Reason.CAP: "the customer has received enough messages lately",
    Reason.HOLDOUT: "the customer belongs to the control group",
    Reason.SHADOW: "the rule only watches and does not write yet",
    Reason.CONDITION_ERROR: "the rule's condition could not be judged",
    Reason.NO_OCCASION: "the event lacks the field that names the occasion",
    Reason.TOO_MANY: "too many rules are already running for this customer",
}


class Verdict(StrEnum):
    """What a decision record tells."""

    STARTED = "started"
    SENT = "sent"
    ALERTED = "alerted"
    REWARDED = "rewarded"
    CALLED = "called"
    TAGGED = "tagged"
    CHOSEN = "chosen"
    HELD = "held"
    SKIPPED = "skipped"
    ENDED = "ended"
    NOT_MET = "not_met"
