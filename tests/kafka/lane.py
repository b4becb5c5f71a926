"""A single-node Apache Kafka for the tests: in a container where Docker answers, else from its jars with Java, else a reason why not."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from deploy.embedded.broker import DOCKER_IMAGE, JAVA_SCRIPT
from deploy.embedded.ports import free_port

PORT = 9092
FORCED = "CARELOOP_KAFKA"
SETTINGS = {
    "KAFKA_NODE_ID": "1",
    "KAFKA_PROCESS_ROLES": "broker,controller",
    "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@127.0.0.1:9093",
    "KAFKA_LISTENERS": f"PLAINTEXT://:{PORT},CONTROLLER://:9093",
    "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
    "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
    "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
    "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
    "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
    "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
    "KAFKA_HEAP_OPTS": "-Xmx512m",
}
# The broker must tell its clients the port that Docker mapped, which is only known once the container runs: it waits to be told.
WAIT_FOR_ADDRESS = "while [ ! -s /tmp/address ]; do sleep 0.1; done; export KAFKA_ADVERTISED_LISTENERS=$(cat /tmp/address); exec /etc/kafka/docker/run"


class NoKafka(RuntimeError):
    """No Apache Kafka can be had on this machine, and why."""


class ApacheKafka(DockerContainer):
    """The apache/kafka image, which the library's own KafkaContainer cannot run."""

    def __init__(self) -> None:
        super().__init__(DOCKER_IMAGE, ports=[PORT], env=dict(SETTINGS))
        self.with_command(["sh", "-c", WAIT_FOR_ADDRESS])

    def start(self) -> "ApacheKafka":
        super().start()
        self.exec(["sh", "-c", f"echo PLAINTEXT://{self.address} > /tmp/address"])
        LogMessageWaitStrategy("Kafka Server started").with_startup_timeout(60).wait_until_ready(self)
        return self

    @property
    def address(self) -> str:
        """HOST:PORT as seen from here."""
        host = self.get_container_host_ip()
        return f"{'127.0.0.1' if host == 'localhost' else host}:{self.get_exposed_port(PORT)}"


@contextmanager
def in_container() -> Iterator[str]:
    """The bootstrap server of a container that ends with the block."""
    testcontainers_config.ryuk_disabled = True  # the block removes the container; a reaper's image need not be there
    with ApacheKafka() as kafka:
        yield kafka.address


@contextmanager
def from_jars(folder: Path) -> Iterator[str]:
    """The bootstrap server of a Java process that ends with the block; its data is in `folder`."""
    port = free_port()
    for step in (["install", str(folder)], ["start", str(folder), str(port)]):
        _run(*step)
    try:
        yield f"127.0.0.1:{port}"
    finally:
        _run("stop", str(folder))


def _run(*words: str) -> None:
    done = subprocess.run([str(JAVA_SCRIPT), *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, text=True)
    if done.returncode:
        raise NoKafka(f"{JAVA_SCRIPT.name} {words[0]} ended with {done.returncode}: {done.stdout[-1000:]}")


def apache_kafka(folder: Path) -> AbstractContextManager[str]:
    """The bootstrap server of whichever way works, or of the one that CARELOOP_KAFKA (container or jars) asks for; raises NoKafka."""
    return in_container() if way() == "container" else from_jars(folder)


def way() -> str:
    """`container` or `jars`; raises NoKafka with what was looked for."""
    forced = os.environ.get(FORCED, "")
    if forced not in {"", "container", "jars"}:
        raise ValueError(f"{FORCED}: expected container or jars, got {forced!r}")
    without = {"container": _docker_trouble, "jars": _java_trouble}
    troubles = {name: trouble() for name, trouble in without.items() if forced in {"", name}}
    for name, trouble in troubles.items():
        if not trouble:
            return name
    raise NoKafka("no Apache Kafka here; " + "; ".join(f"{name}: {trouble}" for name, trouble in troubles.items()))


def _docker_trouble() -> str:
    if not shutil.which("docker"):
        return "docker is not on PATH"
    asked = subprocess.run(["docker", "info"], capture_output=True, check=False, text=True)
    return asked.stderr.strip() if asked.returncode else ""


def _java_trouble() -> str:
    return "" if shutil.which("java") and shutil.which("mvn") else "java and mvn are not both on PATH"
