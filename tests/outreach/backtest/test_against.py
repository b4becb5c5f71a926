"""What the playbook changes against another version of it: a folder, or a git revision."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.outreach.backtest.conftest import FILES, POLICY

EARLY = POLICY.replace('to: "08:00"', 'to: "07:00"')
PATIENT = str(FILES["rules/thanks.yaml"]).replace("expires_after: 1d", "expires_after: 4d")


def git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=Ann", "-c", "user.email=ann@mail.example", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(folder), *who, *words], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path, write: Callable[..., Path]) -> Path:
    """A repository with the playbook in a folder of it: an older version under the tag `before`, and the small one now."""
    top = tmp_path / "repository"
    folder = top / "care" / "playbook"
    write(folder, {"policy.yaml": EARLY, "rules/thanks.yaml": PATIENT, "rules/worry.yaml": None})
    subprocess.run(["git", "init", "-q", str(top)], check=True)
    git(top, "add", ".")
    git(top, "commit", "-q", "-m", "one")
    git(top, "tag", "before")
    write(folder)
    return folder


def test_every_change_is_counted_by_rule_and_told_with_its_reason(report: Callable[..., Any], write: Callable[..., Path], log: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other", {"policy.yaml": EARLY, "rules/thanks.yaml": PATIENT, "rules/worry.yaml": None})
    found = report(log, "--against", other)["against"]
    assert (found["name"], found["customers"]) == (str(other), 2)
    assert found["messages"] == {"gained": 0, "lost": 1, "moved": 1, "replaced": 0}
    nothing = {"gained": 0, "lost": 0, "moved": 0, "replaced": 0}
    assert found["rules"] == [
        {"rule": "thanks", "kind": "send", "before": 1, "after": 0} | nothing | {"lost": 1},
        {"rule": "welcome", "kind": "send", "before": 2, "after": 2} | nothing | {"moved": 1},
        {"rule": "worry", "kind": "alert", "before": 0, "after": 1} | nothing | {"gained": 1},
    ]
    samples = {sample["change"]: sample for sample in found["samples"]}
    told = {change: (sample["customer"], sample["what"], sample["before"], sample["after"]) for change, sample in samples.items()}
    assert told == {
        "gained": ("c2", "care", None, "2026-03-04T09:00:00.000Z"),
        "lost": ("c1", "thanks", "2026-03-05T10:00:00.000Z", None),
        "moved": ("c2", "hello", "2026-03-03T07:00:00.000Z", "2026-03-03T08:00:00.000Z"),
    }
    assert samples["gained"]["why"] == "before: there is no such rule"
    assert samples["lost"]["why"].startswith("expired: it would have come too late to be of use (held by cap)")
    assert samples["moved"]["why"] == "held by quiet_hours"
    assert found["reasons"] == [{"reason": "expired", "before": 0, "after": 1}]
    assert found["playbook"]["messages"] == 3


def test_another_letter_for_the_same_occasion_is_no_message_lost(report: Callable[..., Any], write: Callable[..., Path], log: Path, tmp_path: Path) -> None:
    renamed = {"rules/welcome.yaml": str(FILES["rules/welcome.yaml"]).replace("send: hello", "send: hi"), "letters/hi.md": FILES["letters/hello.md"]}
    found = report(log, "--against", write(tmp_path / "other", renamed))["against"]
    assert found["messages"] == {"gained": 0, "lost": 0, "moved": 0, "replaced": 2}
    assert {sample["why"] for sample in found["samples"]} == {"it was hi"}


def test_a_revision_is_that_version_of_the_folder(care: Callable[..., Any], repository: Path, log: Path, tmp_path: Path, write: Callable[..., Path]) -> None:
    words = ("--events", log, "--playbook", repository, "--cores", 1)
    other = write(tmp_path / "before", {"policy.yaml": EARLY, "rules/thanks.yaml": PATIENT, "rules/worry.yaml": None})
    by_revision, by_folder = (care(*words, "--format", "json", "--against", against) for against in ("before", other))
    assert by_revision.returncode == 0, by_revision.stderr
    assert json.loads(by_revision.stdout)["against"]["messages"]["lost"] == 1
    assert by_revision.stdout == by_folder.stdout.replace(str(other), "before")


def test_an_unknown_revision_is_said_so(care: Callable[..., Any], repository: Path, playbook: Path, log: Path) -> None:
    for folder, revision, says in ((repository, "nowhere", "got 'nowhere', which is neither"), (repository, "--help", "neither"), (playbook, "before", "git")):
        done = care("--events", log, "--playbook", folder, "--against", revision, "--cores", 1)
        assert (done.returncode, done.stdout) == (2, "")
        assert says in done.stderr
        assert "Traceback" not in done.stderr


def test_a_version_with_errors_is_refused_by_its_name(care: Callable[..., Any], repository: Path, log: Path) -> None:
    (repository / "rules" / "welcome.yaml").write_text("id: welcome\n")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "broken")
    git(repository, "tag", "broken")
    (repository / "rules" / "welcome.yaml").write_text(str(FILES["rules/welcome.yaml"]))
    done = care("--events", log, "--playbook", repository, "--against", "broken", "--cores", 1)
    assert (done.returncode, done.stdout) == (1, "")
    assert "broken: " in done.stderr
