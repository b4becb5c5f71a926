"""`care lint` and `care test` as they are typed."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SHIPPED = Path(__file__).parents[3] / "playbook"


def care(*words: Any) -> Any:
    return subprocess.run([sys.executable, "-m", "outreach.cli", *map(str, words)], capture_output=True, text=True, check=False)


@pytest.fixture
def broken(tmp_path: Any) -> Any:
    folder = tmp_path / "playbook"
    shutil.copytree(SHIPPED, folder)
    rule = folder / "rules" / "welcome.yaml"
    rule.write_text(rule.read_text().replace("purpose:", "purpos:", 1))
    return folder


def test_the_shipped_playbook_is_right_and_its_examples_pass() -> None:
    assert care("lint", SHIPPED).returncode == 0
    figures = json.loads(care("test", SHIPPED, "--format", "json").stdout)
    assert figures["failed"] == 0
    assert figures["examples"] == figures["passed"] >= 2 * figures["rules"]


def test_a_mistake_is_printed_with_its_line_and_a_caret(broken: Any) -> None:
    done = care("lint", broken)
    assert done.returncode == 1
    assert "did you mean purpose?" in done.stdout
    assert "    purpos:" in done.stdout
    assert "\n    ^" in done.stdout


def test_findings_for_programs_have_the_agreed_keys(broken: Any) -> None:
    found = json.loads(care("lint", broken, "--format", "json").stdout)
    assert {"file", "line", "column", "code", "severity", "message", "expected", "suggestion"} == set(found[0])


def test_findings_for_pull_requests_are_annotations(broken: Any) -> None:
    assert care("lint", broken, "--format", "github").stdout.startswith("::error file=")


def test_a_folder_that_is_not_there_is_said_so(tmp_path: Any) -> None:
    done = care("lint", tmp_path / "nowhere")
    assert (done.returncode, "expected a playbook folder" in done.stderr) == (2, True)


def test_a_failing_example_is_shown_as_a_timeline(tmp_path: Any) -> None:
    folder = tmp_path / "playbook"
    shutil.copytree(SHIPPED, folder)
    rule = folder / "rules" / "checkin-after-delivery.yaml"
    rule.write_text(rule.read_text().replace("2026-03-05 10:00, send: checkin", "2026-03-05 11:00, send: checkin", 1))
    done = care("test", folder)
    assert done.returncode == 1
    assert "happened  2026-03-05 10:00:00  sent checkin" in done.stdout
    assert "- expected  2026-03-05 11:00:00  send checkin" in done.stdout
