"""`care lint` and `care test` as they are typed."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from outreach.cli.annotations import annotation
from outreach.cli.check import spelled
from outreach.playbook.problems import Problem

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


@pytest.mark.parametrize("before", ["", "\t", "日本", "e\u0301"], ids=["plain", "tab", "wide", "combined"])
def test_the_caret_stands_under_the_mistake_whatever_stands_before_it(tmp_path: Any, before: str) -> None:
    (tmp_path / "policy.yaml").write_text(f"# {before}", "utf-8")
    shown = spelled(tmp_path, Problem("policy.yaml", 1, 3 + len(before), "C001", "here")).splitlines()[-1]
    assert shown == {"": "      ^", "\t": "      \t^", "日本": "          ^", "e\u0301": "       ^"}[before]


def test_an_annotation_stays_one_line_and_its_properties_stay_apart() -> None:
    written = annotation("error", "50 %: a\r\nb, c", file="a,b.yaml", line=3, title="x: 100 %\ny")
    assert written == "::error file=a%2Cb.yaml,line=3,title=x%3A 100 %25%0Ay::50 %25: a%0D%0Ab, c"


@pytest.fixture
def wrong(tmp_path: Any) -> Any:
    """A playbook of which one example expects the wrong time, and another the wrong reason."""
    folder = tmp_path / "playbook"
    shutil.copytree(SHIPPED, folder)
    rule = folder / "rules" / "checkin-after-delivery.yaml"
    text = rule.read_text("utf-8").replace("2026-03-05 10:00, send: checkin", "2026-03-05 11:00, send: checkin", 1)
    rule.write_text(text.replace("hold: checkin, because: cap", "hold: checkin, because: quiet_hours", 1), "utf-8")
    return folder


def test_a_failing_example_is_shown_as_one_timeline(wrong: Any) -> None:
    done = care("test", wrong, "--rule", "checkin-after-delivery")
    assert done.returncode == 1
    first, second = done.stdout.split("FAILED ")[1:]
    assert first.splitlines() == [
        "checkin-after-delivery: asks three days after the delivery",
        "  rules/checkin-after-delivery.yaml:18",
        "    2026-03-02 10:00    order.delivered",
        "    2026-03-02 10:00    began",
        "  + 2026-03-05 10:00  send checkin: happened, was not expected",
        "  - 2026-03-05 11:00  send checkin: expected, did not happen",
    ]
    assert "    2026-03-05 10:00  send checkin\n" in second
    assert '2026-03-06 10:00    held the letter "checkin" until 2026-03-08 10:00 because the customer has\n' in second
    assert "received enough messages lately (cap)" in second
    assert "  - 2026-03-06 10:00  hold checkin because it is night" in second
    assert all(len(line) <= 100 for line in done.stdout.splitlines())
    assert done.stdout.endswith("1 rules, 8 examples, 2 failed\n")


def test_failures_for_programs_come_before_the_figures(wrong: Any) -> None:
    done = care("test", wrong, "--rule", "checkin-after-delivery", "--format", "json")
    *failures, figures = map(json.loads, done.stdout.splitlines())
    assert (done.returncode, figures) == (1, {"rules": 1, "examples": 8, "passed": 6, "failed": 2})
    assert [(failure["file"], failure["line"]) for failure in failures] == [("rules/checkin-after-delivery.yaml", line) for line in (18, 31)]
    assert failures[0]["timeline"][-1] == {"mark": "missing", "at": "2026-03-05 11:00:00", "words": "send checkin"}


def test_failures_for_pull_requests_are_annotations_at_the_example(wrong: Any) -> None:
    first, second, _ = care("test", wrong, "--rule", "checkin-after-delivery", "--format", "github").stdout.splitlines()
    place = f"::error file={wrong / 'rules' / 'checkin-after-delivery.yaml'},line="
    assert first.startswith(f"{place}18,title=example%3A asks three days after the delivery::FAILED checkin-after-delivery: asks")
    assert second.startswith(f"{place}31,")
    assert "%0A  - 2026-03-05 11:00  send checkin: expected, did not happen" in first


def test_a_broken_playbook_is_told_in_the_format_that_was_asked_for(broken: Any) -> None:
    *findings, figures = map(json.loads, care("test", broken, "--format", "json").stdout.splitlines())
    assert {finding["code"] for finding in findings} == {"C002", "C003"}
    assert figures == {"rules": 0, "examples": 0, "passed": 0, "failed": 0}
    assert care("test", broken, "--format", "github").stdout.startswith("::error file=")
    assert "\n    ^" in care("test", broken).stdout


def test_a_rule_that_is_not_there_is_said_so() -> None:
    done = care("test", SHIPPED, "--rule", "welcom")
    assert (done.returncode, done.stderr) == (2, 'there is no rule "welcom": did you mean welcome?\n')
