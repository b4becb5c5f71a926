"""The command line and the plan of a run."""

import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from care_contracts.clock import DAY_MS, parse_rfc3339

from deploy.embedded import broker
from deploy.embedded.folder import fresh_folder
from deploy.embedded.options import Kill, parse
from deploy.embedded.plan import Plan, environment, ports
from deploy.embedded.ports import free_port
from deploy.embedded.services import PROGRAMS, services


def test_services_to_be_killed_are_named_with_their_seconds() -> None:
    assert parse(["smoke", "--kill", "decide@20", "--kill", "courier@40.5"]).kills == (Kill("decide", 20), Kill("deliver", 40.5))


@pytest.mark.parametrize("kill", ["broker@3", "decide", "decide@soon"])
def test_what_cannot_be_killed_is_said(kill: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["smoke", "--kill", kill])
    assert "SERVICE@SECONDS" in capsys.readouterr().err


def test_secrets_are_fresh_stay_the_same_within_a_run_and_are_for_their_owner_alone(tmp_path: Path) -> None:
    plan, other = Plan(tmp_path / "a", ports(well_known=False)), Plan(tmp_path / "b", ports(well_known=False))
    assert plan.secret("api_key") == plan.secret("api_key") != other.secret("api_key")
    environment(plan)
    files = list((tmp_path / "a" / "secrets").iterdir())
    assert files
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_no_secret_is_in_an_environment_or_on_a_command_line(tmp_path: Path) -> None:
    plan = Plan(tmp_path, ports(well_known=False))
    said = " ".join(word for program in services(plan) for word in (*program.argv, *program.env.values()))
    assert {program.name for program in services(plan)} == set(PROGRAMS)
    assert not [name for name in ("api_key", "link_secret", "suppression_secret") if plan.secret(name) in said]


def test_the_clock_of_a_run_shows_its_start_after_the_lead(tmp_path: Path) -> None:
    start = parse_rfc3339("1997-01-01T00:00:00Z")
    clock = Plan(tmp_path, ports(well_known=False)).starting_clock(start, 2.0, lead_s=10).anchored().the_clock()
    assert clock.speed == 2 * 86_400
    assert start - 21 * DAY_MS < clock.now() < start - 15 * DAY_MS


def test_a_port_that_is_taken_is_not_given_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        assert free_port(taken) != taken
    assert free_port(taken) == taken


def test_without_the_embedded_broker_another_one_is_taken_and_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(broker, "find_spec", lambda _: None)
    monkeypatch.setattr(broker, "_docker_answers", lambda: True)
    assert "no build for this platform" in broker.choose("auto", 9092, tmp_path).note
    monkeypatch.setattr(broker, "_docker_answers", lambda: False)
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    assert broker.choose("auto", 9092, tmp_path).before[0][1] == "install"
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(broker.NoBroker, match="neither Docker nor Java"):
        broker.choose("auto", 9092, tmp_path)


def test_a_second_run_does_not_wipe_the_folder_of_the_first(tmp_path: Path) -> None:
    with fresh_folder(tmp_path, "demo") as folder:
        (folder / "state").touch()
        second = "import sys, pathlib; from deploy.embedded.folder import fresh_folder; fresh_folder(pathlib.Path(sys.argv[1]), 'demo').__enter__()"
        ended = subprocess.run([sys.executable, "-c", second, str(tmp_path)], capture_output=True, check=False, text=True)
        assert "another `demo` is running" in ended.stderr
        assert (folder / "state").exists()
    with fresh_folder(tmp_path, "demo") as folder:
        assert list(folder.iterdir()) == []
