"""What an SMTP exchange ended in, and what that means, by the enhanced status codes of RFC 3463."""

import re
from dataclasses import dataclass
from enum import Enum

from outreach.delivery.outcome import IN_DOUBT, SENT, Category, Outcome, State

_ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_ADDRESS = {(1, 1), (1, 2), (1, 3), (1, 6), (1, 10), (2, 1)}
_CONTENT = {(2, 3), (3, 4)}
_SUBJECTS = {1: Category.POLICY, 2: Category.MAILBOX, 3: Category.MAILBOX, 4: Category.MAILBOX, 5: Category.POLICY, 7: Category.POLICY}


class Stage(Enum):
    """Where in the exchange the server said no."""

    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    DOT = "the final dot"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server answered 250 to the final dot: the message is its responsibility now (RFC 5321, 6.1)."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The server's own words: certainly not sent."""

    stage: Stage
    code: int
    text: str


@dataclass(frozen=True, slots=True)
class Broken:
    """The connection failed before the final dot was written: certainly not sent."""

    stage: Stage
    why: str


@dataclass(frozen=True, slots=True)
class Unsure:
    """The final dot was written and no answer came: perhaps sent."""

    why: str


Reply = Accepted | Refused | Broken | Unsure


def judge(reply: Reply) -> Outcome:
    """The outcome that a reply stands for; RETRY_AT where another try may help."""
    match reply:
        case Accepted():
            return SENT
        case Unsure():
            return IN_DOUBT
        case Broken(stage, why):
            return Outcome(State.RETRY_AT, Category.TEMPORARY, f"{why} at {stage.value}")
        case Refused(stage, code, text):
            return _refusal(stage, code, text)


def _refusal(stage: Stage, code: int, text: str) -> Outcome:
    status = _ENHANCED.search(text)
    said = f"{code} {status[0]} at {stage.value}" if status else f"{code} at {stage.value}"
    if code // 100 != 5:
        return Outcome(State.RETRY_AT, Category.TEMPORARY, said)
    return Outcome(State.REFUSED, _category(stage, status), said)


def _category(stage: Stage, status: re.Match[str] | None) -> Category:
    """Only a refusal of the recipient itself blames the address; RFC 3463 subject 7, and anything else said to MAIL, is about us."""
    if status is None:
        return Category.UNCLEAR
    subject, detail = int(status[2]), int(status[3])
    if (subject, detail) in _CONTENT or subject == 6:
        return Category.CONTENT
    if stage is Stage.MAIL:
        return Category.POLICY
    if (subject, detail) in _ADDRESS and stage is Stage.RCPT:
        return Category.ADDRESS
    return _SUBJECTS.get(subject, Category.UNCLEAR)
