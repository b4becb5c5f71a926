"""From the bytes of a message that came back to what it tells us; nothing here waits, and nothing here is believed that was not signed by us."""

import hashlib
from collections.abc import Sequence

from feedback.returned.automatic import is_automatic
from feedback.returned.mail import Mail, Unreadable, read_mail
from feedback.returned.news import Bounced, Complained, Ignored, News, Replied
from feedback.returned.origin import Origin, answered
from feedback.returned.reports import complaint, delivery_status, from_a_mail_system, prose_bounce


def read_returned(raw: bytes, recipients: Sequence[str], origin: Origin, sender: str | None = None) -> News | Ignored:
    """What a message says. `sender` is the envelope's, "" for the null sender, None where it is not known."""
    try:
        mail = read_mail(raw)
    except Unreadable:
        return Ignored.UNREADABLE
    command_id = origin.proven(*recipients, mail.raw)
    told = _report(mail, command_id)
    if isinstance(told, Bounced | Complained) and not command_id:
        return Ignored.UNPROVEN
    return told or _written(mail, command_id, sender)


def _report(mail: Mail, command_id: str) -> Bounced | Complained | Ignored | None:
    if told := delivery_status(mail, command_id) or complaint(mail, command_id):
        return told
    if from_a_mail_system(mail):
        return prose_bounce(mail, command_id)
    return None


def _written(mail: Mail, command_id: str, sender: str | None) -> Replied | Ignored:
    """A person's reply, which may be to the Message-ID alone."""
    if is_automatic(mail, sender):
        return Ignored.AUTOMATIC
    letter = answered(mail.value("In-Reply-To")) or answered(mail.value("References")) or command_id
    key = hashlib.blake2b((mail.value("Message-ID") or mail.raw).encode(), digest_size=8).hexdigest()
    return Replied(letter, key) if letter else Ignored.UNRELATED
