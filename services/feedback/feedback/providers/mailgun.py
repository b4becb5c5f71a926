"""Mailgun's webhooks, signed with HMAC-SHA256 over a timestamp and a token, and hence not over what they tell: a token belongs to one body only."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from care_contracts.clock import Clock
from sqlalchemy import Connection

from feedback.database import Database
from feedback.providers.calls import Forged, fresh, letter_of, parsed, part
from feedback.providers.judging import bounced
from feedback.returned.faults import Fault
from feedback.returned.news import Complained, Ignored, News
from feedback.returned.origin import Origin
from feedback.said import say

_OTHERS = {"delivered": Ignored.DELIVERED}


@dataclass(frozen=True)
class Mailgun:
    """`key` is the HTTP webhook signing key."""

    key: bytes
    origin: Origin
    clock: Clock
    database: Database

    async def read(self, _headers: Mapping[str, str], body: bytes) -> Sequence[News | Ignored]:
        """One event; raises Forged."""
        call = parsed(body)
        proof, event = part(call, "signature"), part(call, "event-data")
        timestamp, token = str(proof.get("timestamp")), str(proof.get("token"))
        if not hmac.compare_digest(str(proof.get("signature")).encode(), hmac.digest(self.key, (timestamp + token).encode(), "sha256").hex().encode()):
            raise Forged("not signed by Mailgun")
        try:
            fresh(float(timestamp) * 1000, self.clock.now())
        except ValueError as error:
            raise Forged("too old") from error
        await self.database.transact(partial(_bind, token=token, body=body, now=self.clock.now()))
        return [self._told(event)]

    def _told(self, event: Mapping[str, Any]) -> News | Ignored:
        command_id, kind = letter_of(self.origin, event, part(event, "message", "headers").get("message-id")), event.get("event")
        if not command_id:
            return Ignored.UNRELATED
        if kind == "complained":
            return Complained(command_id)
        if kind == "failed":
            return self._failed(command_id, event)
        return _OTHERS.get(str(kind), Ignored.OTHER_REPORT)

    def _failed(self, command_id: str, event: Mapping[str, Any]) -> News | Ignored:
        """What Mailgun calls temporary it tries again."""
        if event.get("severity") != "permanent":
            return Ignored.DELAYED
        status, given_up = part(event, "delivery-status"), str(event.get("reason")).startswith("suppress-bounce")
        said = status.get("enhanced-code"), status.get("message"), status.get("description")
        return bounced(command_id, Fault.HARD if given_up else Fault.SOFT, *said)


def _bind(connection: Connection, token: str, body: bytes, now: int) -> None:
    revision = say(connection, f"mailgun {hashlib.sha256(token.encode()).hexdigest()}", hashlib.sha256(body).hexdigest(), now)
    if revision is not None and revision > 1:
        raise Forged("a token of another call")
