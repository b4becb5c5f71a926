"""Whose fault it was that a letter came back, by the enhanced status codes of RFC 3463."""

import re
from dataclasses import dataclass
from enum import StrEnum

_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?!\.?\d)")
_ABOUT_US = re.compile(r"spam|block(ed|list)|black ?list|deny ?list|reputation|policy|dmarc|\bspf\b|dkim", re.IGNORECASE)

# RFC 3463, 3: subject and detail. What is not named here is judged by its subject alone.
_NOBODY_THERE = {(1, 1), (1, 2), (1, 3), (1, 6), (1, 10), (2, 1)}
_SENDER = {(1, 7), (1, 8), (1, 9)}
_UNREACHED = {(4, 1), (4, 4), (4, 7)}  # no answer, no route, given up after days: as seen from here, the address's own mail server
_TOO_MUCH = {(2, 3), (3, 4)}


class Fault(StrEnum):
    """The `class` of message.bounced."""

    HARD = "hard"
    SOFT = "soft"
    POLICY = "policy"
    CONTENT = "content"
    SYSTEM = "system"


_SUBJECTS = {1: Fault.SOFT, 2: Fault.SOFT, 3: Fault.SYSTEM, 4: Fault.SYSTEM, 5: Fault.SYSTEM, 6: Fault.CONTENT, 7: Fault.POLICY}
WORDS = {
    Fault.HARD: "there is no such mailbox",
    Fault.SOFT: "the mailbox could not be reached or is full",
    Fault.POLICY: "our mail is not welcome there",
    Fault.CONTENT: "the message itself is not accepted",
    Fault.SYSTEM: "a mail system on the way failed",
}


@dataclass(frozen=True, slots=True)
class Status:
    """`5.1.1` in its three numbers; 0.0.0 where none was told."""

    severity: int = 0
    subject: int = 0
    detail: int = 0

    def __str__(self) -> str:
        return f"{self.severity}.{self.subject}.{self.detail}"

    @property
    def tells(self) -> bool:
        """Whether it says more than that something went wrong."""
        return self.subject > 0


def status_in(text: str) -> Status:
    """The first enhanced status code in a text; an IP address is none."""
    found = _STATUS.search(text)
    return Status(*map(int, found.groups())) if found else Status()


def fault_of(status: Status, said: str = "") -> Fault:
    """Whose fault a final failure is. `said` are the server's words: one that speaks of its policy does not blame the address, whatever code it gives."""
    about = status.subject, status.detail
    if about in _SENDER:
        return Fault.POLICY
    if about in _NOBODY_THERE:
        return Fault.POLICY if _ABOUT_US.search(said) else Fault.HARD if status.severity == 5 else Fault.SOFT
    if about in _UNREACHED:
        return Fault.SOFT
    if about in _TOO_MUCH:
        return Fault.CONTENT
    return _SUBJECTS.get(status.subject, Fault.POLICY if _ABOUT_US.search(said) else Fault.SOFT)


def reason_for(status: Status, fault: Fault) -> str:
    """The reason as people read it, without a word of the server's own, which may hold the address."""
    return f"{status} {WORDS[fault]}" if status.severity else WORDS[fault]
