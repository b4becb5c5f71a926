"""SendGrid's event webhook, signed with ECDSA over P-256 and SHA-256."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from care_contracts.clock import Clock
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from feedback.providers.calls import Forged, fresh, letter_of, objects, parsed
from feedback.providers.judging import bounced
from feedback.returned.faults import Fault
from feedback.returned.news import Complained, Ignored, News
from feedback.returned.origin import Origin

_SIGNATURE, _TIMESTAMP = "x-twilio-email-event-webhook-signature", "x-twilio-email-event-webhook-timestamp"
_OTHERS = {"delivered": Ignored.DELIVERED, "deferred": Ignored.DELAYED}


@dataclass(frozen=True)
class SendGrid:
    """`key` is the verification key that SendGrid shows."""

    key: EllipticCurvePublicKey
    origin: Origin
    clock: Clock

    async def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[News | Ignored]:
        """Up to a thousand events in one call; raises Forged."""
        timestamp = headers.get(_TIMESTAMP, "")
        try:
            self.key.verify(base64.b64decode(headers.get(_SIGNATURE, "")), timestamp.encode() + body, ECDSA(SHA256()))
            fresh(float(timestamp) * 1000, self.clock.now())
        except (InvalidSignature, ValueError) as error:
            raise Forged("not signed by SendGrid") from error
        return [self._told(event) for event in objects(parsed(body))]

    def _told(self, event: Mapping[str, Any]) -> News | Ignored:
        command_id, kind = letter_of(self.origin, event, event.get("smtp-id")), event.get("event")
        if not command_id:
            return Ignored.UNRELATED
        if kind == "spamreport":
            return Complained(command_id)
        if kind == "bounce":
            blocked = event.get("type") == "blocked"
            said = event.get("status"), event.get("reason")
            return bounced(command_id, Fault.POLICY if blocked else Fault.HARD, *said, at_worst=Fault.SOFT if blocked else None)
        return _OTHERS.get(str(kind), Ignored.OTHER_REPORT)


def sendgrid_key(text: str) -> EllipticCurvePublicKey:
    """The key from its base64; raises ValueError."""
    try:
        key = load_der_public_key(base64.b64decode(text))
    except ValueError as error:
        raise ValueError("SendGrid: expected the verification key in base64, got something else") from error
    if not isinstance(key, EllipticCurvePublicKey):
        raise ValueError("SendGrid: expected an elliptic curve key, got another")  # noqa: TRY004 - a setting's value, not a type in the code
    return key
