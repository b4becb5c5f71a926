"""Which providers are set up."""

from care_contracts.clock import Clock

from feedback.database import Database
from feedback.providers.calls import Provider
from feedback.providers.mailgun import Mailgun
from feedback.providers.postmark import Postmark
from feedback.providers.sendgrid import SendGrid, sendgrid_key
from feedback.providers.ses import Ses
from feedback.providers.sns import Sns
from feedback.returned.origin import Origin
from feedback.settings import FeedbackSettings


def providers(settings: FeedbackSettings, origin: Origin, database: Database, clock: Clock) -> dict[str, Provider]:
    """By the name in their address; raises ValueError for a setting that cannot be meant."""
    login, mailgun = settings.postmark_login.get_secret_value().encode(), settings.mailgun_key.get_secret_value().encode()
    found: dict[str, Provider] = {}
    if settings.ses_topic:
        found["ses"] = Ses(Sns(settings.ses_topic, clock), origin)
    if login:
        found["postmark"] = Postmark(login, origin)
    if settings.sendgrid_key:
        found["sendgrid"] = SendGrid(sendgrid_key(settings.sendgrid_key), origin, clock)
    if mailgun:
        found["mailgun"] = Mailgun(mailgun, origin, clock, database)
    return found
