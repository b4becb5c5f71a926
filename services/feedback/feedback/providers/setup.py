"""Which providers are set up."""

from care_contracts.clock import Clock

from feedback.database import Database
from feedback.providers.calls import Provider
from feedback.providers.mailgun import Mailgun
from feedback.providers.postmark import Postmark
from feedback.returned.origin import Origin
from feedback.settings import FeedbackSettings


def providers(settings: FeedbackSettings, origin: Origin, database: Database, clock: Clock) -> dict[str, Provider]:
    """By the name in their address; raises ValueError for a setting that cannot be meant."""
    login, mailgun = settings.postmark_login.get_secret_value().encode(), settings.mailgun_key.get_secret_value().encode()
    found: dict[str, Provider] = {}
    if settings.ses_topic:
        found["ses"] = _ses(settings.ses_topic, origin, clock)
    if login:
        found["postmark"] = Postmark(login, origin)
    if settings.sendgrid_key:
        found["sendgrid"] = _sendgrid(settings.sendgrid_key, origin, clock)
    if mailgun:
        found["mailgun"] = Mailgun(mailgun, origin, clock, database)
    return found


def _ses(topic: str, origin: Origin, clock: Clock) -> Provider:
    from feedback.providers.ses import Ses  # noqa: PLC0415 - `cryptography` takes 8 MiB, which only those pay who use it
    from feedback.providers.sns import Sns  # noqa: PLC0415 - likewise

    return Ses(Sns(topic, clock), origin)


def _sendgrid(key: str, origin: Origin, clock: Clock) -> Provider:
    from feedback.providers.sendgrid import SendGrid, sendgrid_key  # noqa: PLC0415 - likewise

    return SendGrid(sendgrid_key(key), origin, clock)
