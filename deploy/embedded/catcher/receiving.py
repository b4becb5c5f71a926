"""The SMTP side of the catcher: accepts every mail, optionally refusing some so that bounces can be watched."""

import time
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope

from deploy.embedded.catcher.mailbox import Mailbox

REFUSED_PREFIX = "bounce"  # RCPT TO:<bounce…> is answered as by a server that does not know the person
MAX_MAIL_BYTES = 25 * 1024 * 1024


class Receiver:
    """aiosmtpd's handler: every mail goes into `mailbox`."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: list[str]) -> str:  # noqa: N802 - aiosmtpd's name
        """RFC 5321 section 3.3."""
        if address.startswith(REFUSED_PREFIX):
            return "550 5.1.1 no such person here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """RFC 5321 section 4.1.1.4: the mail is kept before it is answered for."""
        raw = envelope.original_content if isinstance(envelope.original_content, bytes) else b""
        caught = self._mailbox.put(raw, envelope.rcpt_tos, time.time() * 1000)
        return f"250 2.0.0 caught as {caught.number}"


def protocol(mailbox: Mailbox) -> SMTP:
    """One SMTP connection; 8BITMIME and SMTPUTF8 are offered."""
    return SMTP(Receiver(mailbox), enable_SMTPUTF8=True, data_size_limit=MAX_MAIL_BYTES, ident="careloop catcher")
