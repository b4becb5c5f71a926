"""Puts the service together from its settings, to serve until it is told to end, or to take in one message that a mail server pipes."""

import asyncio
import signal

from care_contracts.clock import clock_from
from care_contracts.links import link_keys
from care_contracts.suppression import Suppressions

from feedback.answers import Answers
from feedback.app import application, web_server
from feedback.background import Endless, for_ever
from feedback.consents import Consents
from feedback.database import open_database
from feedback.entrance import Entrance
from feedback.housekeeping import Housekeeping
from feedback.intake import Intake
from feedback.metrics import Metrics
from feedback.ops import Ops
from feedback.outbox import Outbox
from feedback.pages import open_pages
from feedback.preferences_page import PreferencesPage
from feedback.providers.hooks import Hooks
from feedback.providers.setup import providers
from feedback.publishing import KafkaPublisher
from feedback.returned.mail_port import MailPort
from feedback.returned.origin import Origin
from feedback.returned.piped import NoBroker, take_piped
from feedback.returned.returns import Returns
from feedback.settings import FeedbackSettings
from feedback.survey_page import SurveyPage
from feedback.unsubscribe_page import UnsubscribePage


async def serve(settings: FeedbackSettings) -> None:
    """Serves until SIGTERM or SIGINT; ends with an error, to be started again, when a background task fails for an unforeseen reason."""
    clock, database, metrics = clock_from(settings.clock), open_database(settings.database_url), Metrics()
    publisher = KafkaPublisher(settings.kafka, idempotence=settings.kafka_idempotence)
    outbox, housekeeping = Outbox(database, publisher, clock), Housekeeping(database, clock)
    intake = Intake(settings.kafka, database, publisher, metrics)

    pages, keys, suppressions = open_pages(settings.brand_name, metrics), link_keys(settings.link_keys.get_secret_value()), _suppressions(settings)
    entrance, consents = Entrance(keys, database, clock), Consents(database, suppressions, outbox, clock, metrics)
    survey = SurveyPage(entrance, Answers(database, outbox, clock, metrics), pages)
    doors = survey, UnsubscribePage(entrance, consents, pages), PreferencesPage(entrance, consents, pages)
    returns = Returns(database, suppressions, outbox, clock, metrics)
    origin = Origin(keys, clock)
    port = MailPort(settings.mail_host, settings.mail_port, settings.mail_protocol == "lmtp", origin, returns)
    hooks = Hooks(providers(settings, origin, database, clock), returns, metrics)
    ops = Ops({"database": housekeeping.reachable, "outreach": intake.reads, "events": publisher.reachable}, outbox, metrics)

    server = web_server(application(pages, *doors, ops, hooks), settings.http_host, settings.http_port)
    for number in (signal.SIGINT, signal.SIGTERM):  # uvicorn hands them back when it has ended, which must not end us in the middle of that
        asyncio.get_running_loop().add_signal_handler(number, lambda: None)
    beside: list[Endless] = [housekeeping, publisher, intake, outbox, *([port] if settings.mail_port else [])]
    async with asyncio.TaskGroup() as group:
        background = [group.create_task(for_ever(part)) for part in beside]
        await server.serve()
        for task in background:
            task.cancel()
    database.close()


async def take_one(settings: FeedbackSettings, recipients: list[str]) -> int:
    """Takes in one message from standard input; gives the exit code that mail servers understand."""
    clock, database = clock_from(settings.clock), open_database(settings.database_url)
    returns = Returns(database, _suppressions(settings), Outbox(database, NoBroker(), clock), clock, Metrics())
    try:
        return await take_piped(database, Origin(link_keys(settings.link_keys.get_secret_value()), clock), returns, recipients)
    finally:
        database.close()


def _suppressions(settings: FeedbackSettings) -> Suppressions:
    return Suppressions(settings.suppression_key.get_secret_value().encode())
