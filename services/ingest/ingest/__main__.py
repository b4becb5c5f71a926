"""`python -m ingest` serves; `python -m ingest new-key NAME` prints a fresh API key."""

import sys

import structlog
import uvicorn
from care_contracts.clock import clock_from

from ingest.app import build_app
from ingest.events import EventsDesk
from ingest.keys import api_keys, new_key
from ingest.limits import Limits
from ingest.logs import write_json_logs
from ingest.metrics import Meters
from ingest.publisher import Broker, KafkaPublisher
from ingest.settings import IngestSettings


def serve() -> None:
    """Settings to running."""
    settings = IngestSettings.model_validate({})
    write_json_logs(settings.log_level)
    clock = clock_from(settings.clock)
    if not clock.is_real:
        structlog.get_logger().warning("time is scaled: this is not a production system", clock=settings.clock)
    broker = Broker(settings.kafka, settings.delivery_timeout, settings.in_flight, settings.kafka_idempotence)
    publisher = KafkaPublisher(broker)
    limits = Limits(settings.max_body, settings.max_event, settings.max_depth, settings.max_events, settings.body_timeout)
    desk = EventsDesk(api_keys(settings.api_keys.get_secret_value()), limits, publisher, clock, Meters())

    grace = round(settings.delivery_timeout + settings.body_timeout) + 1
    app = build_app(desk, publisher.connected)
    config = uvicorn.Config(
        app, settings.http_host, settings.http_port, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=grace
    )
    uvicorn.Server(config).run()


def print_new_key(name: str) -> None:
    """The key for the sender and the entry for CARE_API_KEYS."""
    try:
        key, entry = new_key(name)
    except ValueError as error:
        sys.exit(str(error))
    sys.stdout.write(f"key (shown only now, for the sender):   {key}\nentry (for CARE_API_KEYS):              {entry}\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["new-key"] and len(sys.argv) == 3:
        print_new_key(sys.argv[2])
    elif sys.argv[1:]:
        sys.exit("usage: python -m ingest [new-key NAME]")
    else:
        serve()
