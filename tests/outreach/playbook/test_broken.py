"""One folder for each mistake: `broken/CNNN-what-it-is` holds the files that differ from `broken/_good`, and exactly what must be found."""

from pathlib import Path
from typing import Any

import pytest
from outreach.playbook.load import load_files
from outreach.playbook.problems import CODES, Problem

BROKEN = Path(__file__).parent / "broken"
FOLDERS = sorted(path.name for path in BROKEN.glob("C*"))


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != "expected.txt"}


def found_in(*folders: str) -> list[str]:
    """The findings in the good playbook with the files of the folders laid over it."""
    files: dict[str, bytes] = {}
    for name in ("_good", *folders):
        files |= files_in(BROKEN / name)
    return [spelled(problem) for problem in load_files(files).problems]


def spelled(problem: Problem) -> str:
    suggestion = f" -> {problem.suggestion}" if problem.suggestion else ""
    return f"{problem.file}:{problem.line}:{problem.column} {problem.severity} {problem.code}{suggestion}"


def expected_in(folder: str) -> list[str]:
    return (BROKEN / folder / "expected.txt").read_text("utf-8").splitlines()


def test_the_good_playbook_has_no_findings() -> None:
    assert found_in() == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_mistake_is_found_at_its_place_and_nothing_else(folder: Any) -> None:
    assert found_in(folder) == expected_in(folder)


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_folder_that_shows_it(code: Any) -> None:
    shown = [line.split()[2] for folder in FOLDERS if folder.startswith(code) for line in expected_in(folder)]
    assert code in shown


def test_every_folder_is_named_after_a_code() -> None:
    assert {folder.split("-")[0] for folder in FOLDERS} <= set(CODES)


def test_many_mistakes_are_shown_at_once() -> None:
    """Each in a file of its own or not: no finding hides another."""
    folders = ["C014-misspelled-field", "C019-unsent-letter", "C023-always-quiet", "C034-survey-of-another-name"]
    assert found_in(*folders) == sorted(line for folder in folders for line in expected_in(folder))
