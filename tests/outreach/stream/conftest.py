"""The brokers that the stream processor must work with, with nothing on them."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from deploy.embedded.broker import embedded
from deploy.embedded.ports import free_port
from tests.kafka.lane import NoKafka, apache_kafka
from tests.outreach.stream.processes import Log, Place, until

EMBEDDED = {"session_timeout": 3.0, "rebalance_timeout": 3.0, "fetch_wait": 0.02}
KAFKA = {"session_timeout": 6.0, "rebalance_timeout": 10.0}


@contextmanager
def embedded_broker() -> Iterator[str]:
    port = free_port()
    program = embedded(port).program
    assert program
    process = subprocess.Popen(program.argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: free_port(port) != port, within=10)
        yield f"127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with ExitStack() as stack:
        try:
            bootstrap = stack.enter_context(apache_kafka(tmp_path_factory.mktemp("kafka")))
        except NoKafka as reason:
            pytest.skip(str(reason))
        yield bootstrap


@pytest.fixture(params=[pytest.param("embedded", marks=pytest.mark.embedded), pytest.param("kafka", marks=pytest.mark.kafka)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """A broker of either kind."""
    if request.param == "kafka":
        yield Place(request.getfixturevalue("kafka"), tmp_path, KAFKA)
        return
    with embedded_broker() as bootstrap:
        yield Place(bootstrap, tmp_path, EMBEDDED)


@pytest.fixture
async def log(place: Place) -> Log:
    """Its topics, empty."""
    await place.create_topics()
    return Log(place)
