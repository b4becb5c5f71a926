"""Amazon SES over SNS: bounces and complaints, as notifications or as events of a configuration set."""

import asyncio
import http.client
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from feedback.providers.calls import Forged, NotReached, letter_of, objects, parsed, part
from feedback.providers.judging import bounced
from feedback.providers.sns import Sns, amazon_url
from feedback.returned.faults import Fault
from feedback.returned.news import Complained, Ignored, News
from feedback.returned.origin import Origin

log = logging.getLogger(__name__)

_SUBTYPES = {"MessageTooLarge": Fault.CONTENT, "ContentRejected": Fault.CONTENT, "AttachmentRejected": Fault.CONTENT}
_OTHERS = {"Delivery": Ignored.DELIVERED, "DeliveryDelay": Ignored.DELAYED}


@dataclass(frozen=True)
class Ses:
    """Confirms the subscription of our topic by itself."""

    sns: Sns
    origin: Origin

    async def read(self, _headers: Mapping[str, str], body: bytes) -> Sequence[News | Ignored]:
        """One event; raises Forged, or NotReached."""
        message = part({"message": parsed(body)}, "message")
        try:
            await asyncio.to_thread(self.sns.check, message)
            if message["Type"] == "SubscriptionConfirmation":
                await asyncio.to_thread(self.sns.fetch, amazon_url(str(message.get("SubscribeURL"))))
                log.info("the subscription to SES's topic is confirmed")
        except (OSError, http.client.HTTPException) as error:
            raise NotReached(f"Amazon SNS cannot be asked: {type(error).__name__}") from error
        return [self._told(event) for event in objects(_event(message))]

    def _told(self, event: Mapping[str, Any]) -> News | Ignored:
        kind = str(event.get("notificationType") or event.get("eventType"))
        command_id = letter_of(self.origin, event, part(event, "mail", "commonHeaders").get("messageId"))
        if not command_id:
            return Ignored.UNRELATED
        if kind == "Complaint":
            return Ignored.OTHER_REPORT if part(event, "complaint").get("complaintFeedbackType") == "not-spam" else Complained(command_id)
        if kind == "Bounce":
            return _bounced(command_id, part(event, "bounce"))
        return _OTHERS.get(kind, Ignored.OTHER_REPORT)


def _event(message: Mapping[str, Any]) -> Any:
    if message["Type"] != "Notification":
        return []
    try:
        return parsed(str(message.get("Message")))
    except Forged:
        return []  # a word of Amazon's to people, as after a topic was set up


def _bounced(command_id: str, bounce: Mapping[str, Any]) -> News:
    """What SES calls transient blames no address for good; it has tried long enough then."""
    permanent = bounce.get("bounceType") == "Permanent"
    otherwise = Fault.HARD if permanent else _SUBTYPES.get(str(bounce.get("bounceSubType")), Fault.SOFT)
    said = [each.get(name) for each in objects(bounce.get("bouncedRecipients"))[:1] for name in ("status", "diagnosticCode")]
    return bounced(command_id, otherwise, *said, at_worst=None if permanent else Fault.SOFT)
