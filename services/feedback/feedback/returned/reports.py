"""The reports that machines write: on delivery (RFC 3464) and of complaints (RFC 5965)."""

import re
from email.message import Message

from feedback.returned.faults import Fault, fault_of, reason_for, status_in
from feedback.returned.mail import Mail, blocks, value
from feedback.returned.news import Bounced, Complained, Ignored
from feedback.returned.odd_formats import Heard, heard

_COMPLAINTS = {"abuse", "fraud", "opt-out", "complaint"}
_MOST_RECIPIENTS = 20


def delivery_status(mail: Mail, command_id: str) -> Bounced | Ignored | None:
    """What a delivery status notification says, None for another mail; a letter has one recipient, so that the worst is what counts."""
    part = next(mail.parts("message/delivery-status"), None)
    if part is None:
        return None
    told = [block for block in blocks(part)[:_MOST_RECIPIENTS] if value(block, "Action")]
    failed = [_failure(block, command_id) for block in told if value(block, "Action").lower().startswith("failed")]
    if failed:
        return min(failed, key=lambda bounce: list(Fault).index(bounce.fault))
    return Ignored.DELAYED if any(value(block, "Action").lower().startswith("delayed") for block in told) else Ignored.DELIVERED


def _failure(block: Message, command_id: str) -> Bounced:
    """The remote server's own code says more than the X.0.0 that Exim and others put in front of it."""
    said = value(block, "Diagnostic-Code")
    first, second = status_in(value(block, "Status")), status_in(said)
    status = second if second.tells and not first.tells else first
    fault = fault_of(status, said)
    return Bounced(command_id, fault, reason_for(status, fault))


def complaint(mail: Mail, command_id: str) -> Complained | Ignored | None:
    """What a feedback report says, None for another mail."""
    part = next(mail.parts("message/feedback-report"), None)
    if part is None:
        return None
    kinds = {value(block, "Feedback-Type").lower() for block in blocks(part)}
    return Complained(command_id) if kinds & _COMPLAINTS else Ignored.OTHER_REPORT


_MACHINES = re.compile(r"\b(mailer-daemon|postmaster|mdaemon|mail-?daemon)\b", re.IGNORECASE)


def from_a_mail_system(mail: Mail) -> bool:
    """Whether a mail server wrote it, by names that only those have; the null sender is no sign, because out-of-office notes have it too (RFC 3834, 3.3)."""
    return bool(mail.value("X-Failed-Recipients") or _MACHINES.search(mail.value("From")))


def prose_bounce(mail: Mail, command_id: str) -> Bounced | Ignored:
    """What a mail server says in words alone, as qmail and old Exim do: the end, by its format or by a code that means that, or a delay."""
    text, words = mail.prose(), heard(mail)
    status = status_in(text)
    if words is Heard.DELAYED:
        return Ignored.DELAYED
    if words is Heard.NOTHING and status.severity != 5:
        return Ignored.AUTOMATIC
    fault = fault_of(status, text[:2000])
    return Bounced(command_id, fault, reason_for(status, fault))
