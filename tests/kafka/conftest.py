"""The Apache Kafka that the tests of this lane share; CARELOOP_REQUIRE_KAFKA=1 makes its absence a failure."""

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.kafka.lane import NoKafka, apache_kafka


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its bootstrap server."""
    with ExitStack() as stack:
        try:
            bootstrap = stack.enter_context(apache_kafka(tmp_path_factory.mktemp("kafka")))
        except NoKafka as reason:
            (pytest.fail if os.environ.get("CARELOOP_REQUIRE_KAFKA") == "1" else pytest.skip)(str(reason))
        yield bootstrap
