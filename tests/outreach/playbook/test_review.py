"""What reviews a change of the playbook: the hook before a commit, and the workflow of a pull request."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
HOOK = ROOT / "playbook" / "review" / "pre-commit"


def git(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["git", "-c", "user.name=Ann", "-c", "user.email=ann@example.org", *words], cwd=folder, check=False, capture_output=True, text=True, env=env()
    )


def env() -> dict[str, str]:
    """`care` is found where this Python is; no variable of an outer git reaches the inner one."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return inherited | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    shutil.copytree(ROOT / "playbook", tmp_path / "playbook")
    (tmp_path / ".git" / "hooks").mkdir(exist_ok=True)
    (tmp_path / ".git" / "hooks" / "pre-commit").symlink_to(HOOK)
    git(tmp_path, "add", "-A")
    return tmp_path


def test_a_good_playbook_is_committed_and_a_broken_one_is_not(repository: Path) -> None:
    assert git(repository, "commit", "-m", "our playbook").returncode == 0
    welcome = repository / "playbook" / "rules" / "welcome.yaml"
    good = welcome.read_text("utf-8")
    welcome.write_text(good.replace("send: welcome", "send: welcom", 1), "utf-8")
    git(repository, "add", "-A")
    refused = git(repository, "commit", "-m", "a slip")
    assert refused.returncode == 1
    assert "did you mean welcome?" in refused.stdout + refused.stderr
    welcome.write_text(good, "utf-8")
    assert git(repository, "commit", "-m", "mended in the folder, not in what is committed").returncode == 1
    git(repository, "add", "-A")
    (repository / "README").write_text("something else")
    git(repository, "add", "-A")
    assert git(repository, "commit", "-m", "mended").returncode == 0


def test_what_does_not_touch_the_playbook_is_not_held_up(repository: Path) -> None:
    git(repository, "commit", "-m", "our playbook")
    (repository / "README").write_text("something else")
    git(repository, "add", "-A")
    assert git(repository, "commit", "-m", "a word").stdout.count("rules") == 0


def run_of(step: str) -> Any:
    from ruamel.yaml import YAML  # noqa: PLC0415 - only this test reads a workflow

    workflow = YAML(typ="safe", pure=True).load((ROOT / "playbook" / "review" / "pull-request.yml").read_text("utf-8"))
    return next(each["run"] for each in workflow["jobs"]["review"]["steps"] if each.get("name") == step)


@pytest.mark.parametrize("step", ["lint", "examples"])
def test_the_workflow_annotates_what_is_wrong(repository: Path, step: Any) -> None:
    def run() -> "subprocess.CompletedProcess[str]":
        return subprocess.run(["sh", "-ec", run_of(step)], cwd=repository, check=False, capture_output=True, text=True, env=env())

    assert run().returncode == 0
    welcome = repository / "playbook" / "rules" / "welcome.yaml"
    welcome.write_text(welcome.read_text("utf-8").replace("send: welcome", "send: welcom", 1), "utf-8")
    broken = run()
    assert broken.returncode == 1
    assert "::error file=playbook/rules/welcome.yaml" in broken.stdout
