"""`python -m feedback bounce [RECIPIENT] < mail`: one message, as mail servers pipe it into a program; the service that runs tells the topic of it."""

import os
import sys
from typing import BinaryIO

from sqlalchemy.exc import SQLAlchemyError

from feedback.database import Database
from feedback.entrance import NotKnownYet
from feedback.outbox import NotConfirmed
from feedback.returned.mail import LOOKED_AT
from feedback.returned.origin import Origin
from feedback.returned.reading import read_returned
from feedback.returned.returns import Returns


class NoBroker:
    """A short-lived process connects to none: what is kept in the outbox is sent by the service."""

    async def publish(self, _topic: str, _key: bytes, _value: bytes) -> None:
        """Always later."""
        raise NotConfirmed("left to the service")


async def take_piped(database: Database, origin: Origin, returns: Returns, recipients: list[str], mail: BinaryIO = sys.stdin.buffer) -> int:
    """The exit code: 0 when it was taken, 75 (sysexits' EX_TEMPFAIL) when the mail server shall try again."""
    raw = mail.read(LOOKED_AT)
    while mail.read(1 << 16):
        """The rest is read too, because a mail server takes a closed pipe for a failure."""
    try:
        await database.prepare()
        await returns.take(read_returned(raw, recipients, origin))
    except (SQLAlchemyError, NotKnownYet) as error:
        sys.stderr.write(f"not now: {type(error).__name__}\n")
        return os.EX_TEMPFAIL
    return os.EX_OK
