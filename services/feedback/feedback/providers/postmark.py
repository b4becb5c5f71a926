"""Postmark's webhooks, which prove themselves by the user and password that stand in their address."""

import base64
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from feedback.providers.calls import Forged, letter_of, parsed, part
from feedback.providers.judging import bounced
from feedback.returned.faults import Fault
from feedback.returned.news import Complained, Ignored, News
from feedback.returned.origin import Origin

_FAULTS = {
    **dict.fromkeys(("HardBounce", "BadEmailAddress"), Fault.HARD),
    **dict.fromkeys(("SoftBounce", "Transient", "DnsError", "Undeliverable", "AddressChange", "Unknown"), Fault.SOFT),
    **dict.fromkeys(("SpamNotification", "Blocked", "DMARCPolicy", "Unconfirmed"), Fault.POLICY),
    **dict.fromkeys(("VirusNotification", "TemplateRenderingFailed"), Fault.CONTENT),
    **dict.fromkeys(("SMTPApiError", "InboundError"), Fault.SYSTEM),
}
_MACHINES = {"AutoResponder", "ChallengeVerification", "Subscribe", "Unsubscribe"}


@dataclass(frozen=True)
class Postmark:
    """`login` is USER:PASSWORD."""

    login: bytes
    origin: Origin

    async def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[News | Ignored]:
        """One event; raises Forged."""
        expected = b"Basic " + base64.b64encode(self.login)
        if not hmac.compare_digest(headers.get("authorization", "").encode(), expected):
            raise Forged("not from Postmark")
        event = part({"event": parsed(body)}, "event")
        record, kind = str(event.get("RecordType")), str(event.get("Type"))
        command_id = letter_of(self.origin, event, part(event, "Metadata").get("command_id"))
        if not command_id:
            return [Ignored.UNRELATED]
        if "SpamComplaint" in (record, kind):
            return [Complained(command_id)]
        if record != "Bounce" or kind in _MACHINES:
            return [Ignored.AUTOMATIC if kind in _MACHINES else Ignored.DELIVERED if record == "Delivery" else Ignored.OTHER_REPORT]
        otherwise = _FAULTS.get(kind, Fault.SOFT)
        return [bounced(command_id, otherwise, event.get("Details"), at_worst=None if otherwise is Fault.HARD else otherwise)]
