"""`python -m feedback`: from settings to running."""

import asyncio
import logging
import signal

from care_contracts.clock import clock_from
from care_contracts.links import link_keys
from care_contracts.suppression import Suppressions

from feedback.answers import Answers
from feedback.app import application, web_server
from feedback.background import for_ever
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
from feedback.publishing import KafkaPublisher
from feedback.settings import FeedbackSettings
from feedback.survey_page import SurveyPage
from feedback.unsubscribe_page import UnsubscribePage


async def run(settings: FeedbackSettings) -> None:
    """Serves until SIGTERM or SIGINT; ends with an error, to be started again, when a background task fails for an unforeseen reason."""
    clock, database, metrics = clock_from(settings.clock), open_database(settings.database_url), Metrics()
    publisher = KafkaPublisher(settings.kafka, idempotence=settings.kafka_idempotence)
    outbox, housekeeping = Outbox(database, publisher, clock), Housekeeping(database, clock)
    intake = Intake(settings.kafka, database, publisher, metrics)

    pages = open_pages(settings.brand_name, metrics)
    entrance = Entrance(link_keys(settings.link_keys.get_secret_value()), database, clock)
    consents = Consents(database, Suppressions(settings.suppression_key.get_secret_value().encode()), outbox, clock, metrics)
    survey = SurveyPage(entrance, Answers(database, outbox, clock, metrics), pages)
    doors = survey, UnsubscribePage(entrance, consents, pages), PreferencesPage(entrance, consents, pages)
    ops = Ops({"database": housekeeping.reachable, "outreach": intake.reads, "events": publisher.reachable}, outbox, metrics)

    server = web_server(application(pages, *doors, ops), settings.http_host, settings.http_port)
    for number in (signal.SIGINT, signal.SIGTERM):  # uvicorn hands them back when it has ended, which must not end us in the middle of that
        asyncio.get_running_loop().add_signal_handler(number, lambda: None)
    async with asyncio.TaskGroup() as group:
        background = [group.create_task(for_ever(part)) for part in (housekeeping, publisher, intake, outbox)]
        await server.serve()
        for task in background:
            task.cancel()
    database.close()


if __name__ == "__main__":
    settings = FeedbackSettings()  # type: ignore[call-arg]  # the environment fills it in
    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s")
    if settings.clock:
        logging.getLogger("feedback").warning("time is scaled: this is not a production system: %s", settings.clock)
    asyncio.run(run(settings))
