"""A copy of the shipped playbook that a test may change."""

import shutil
from pathlib import Path

import pytest

SHIPPED = Path(__file__).parents[3] / "playbook"


@pytest.fixture
def playbook(tmp_path: Path) -> Path:
    folder = tmp_path / "playbook"
    shutil.copytree(SHIPPED, folder)
    return folder


def change(path: Path, before: str, after: str) -> None:
    """Edits a file as an editor does."""
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), "utf-8")
