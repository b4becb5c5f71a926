"""A row: Quix Streams with state and an output. It runs in an environment of its own, because it asks for an older pydantic than we do."""

import logging
from typing import Any

from quixstreams import Application  # type: ignore[import-not-found]  # it is not installed beside us

from deploy.bench.decide.little import OUT, after
from deploy.bench.decide.meter import Meter, begin, end

EVENTS = "care.events"  # our contracts are not there, either


def main() -> None:
    """Runs the application until all events are counted, then lets what is under way go out."""
    meter = Meter(begin())
    told = meter.told
    app = Application(
        broker_address=told.kafka,
        consumer_group=told.run,
        auto_offset_reset="earliest",
        state_dir=told.folder,
        loglevel=logging.WARNING,
        producer_extra_config={"linger.ms": 20, "enable.idempotence": told.idempotence},
    )
    source = app.topic(EVENTS, key_deserializer="bytes", value_deserializer="bytes")
    out = app.topic(f"{told.run}-{OUT}", key_serializer="bytes", value_serializer="bytes")

    def keep(value: bytes, state: Any) -> None:
        state.set("state", after(state.get("state"), value))

    def counted(_value: bytes) -> None:
        if not meter.over and meter.count(1, out=1):
            app.stop()

    app.dataframe(source).update(keep, stateful=True).to_topic(out).update(counted)
    app.run()
    end(meter)


if __name__ == "__main__":
    main()
