"""docker-compose.yml keeps its promises: nobody is root, nothing is open to the network, every variable is explained."""

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from deploy.embedded.broker import DOCKER_IMAGE
from deploy.fresh_env import fresh

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
EXAMPLE = (ROOT / ".env.example").read_text()
SERVICES: dict[str, dict[str, Any]] = YAML(typ="safe").load(TEXT)["services"]
EXPLAINED = dict(line.split("=", 1) for line in EXAMPLE.splitlines() if line and not line.startswith("#"))


@pytest.mark.parametrize("name", SERVICES)
def test_no_container_is_root_or_can_become_more_than_it_is(name: str) -> None:
    service = SERVICES[name]

    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"])
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", SERVICES)
def test_every_port_is_only_for_this_machine(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - {"topics"}))
def test_everything_that_keeps_running_says_whether_it_is_healthy_and_is_started_again(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_every_variable_is_explained_and_has_the_same_default_in_both_files() -> None:
    used = dict(re.findall(r"\$\{(\w+):-([^}]*)\}", TEXT))

    assert used == EXPLAINED


def test_the_playbook_cannot_be_changed_from_inside() -> None:
    mounts = [mount for service in SERVICES.values() for mount in service.get("volumes", []) if "playbook" in mount]

    assert mounts
    assert all(mount.endswith(":ro") for mount in mounts)


def test_kafka_is_the_same_version_wherever_it_runs_in_a_container() -> None:
    assert SERVICES["kafka"]["image"] == DOCKER_IMAGE


def test_a_fresh_env_holds_no_public_secret() -> None:
    env = dict(line.split("=", 1) for line in fresh(EXAMPLE, "care_key").splitlines() if line and not line.startswith("#"))

    assert env.keys() == EXPLAINED.keys()
    assert {name for name in env if env[name] != EXPLAINED[name]} == {"POSTGRES_PASSWORD", "CARE_LINK_KEYS", "CARE_SUPPRESSION_KEY", "CARE_API_KEYS"}
