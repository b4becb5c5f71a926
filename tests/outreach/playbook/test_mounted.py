"""A folder that is being edited: only what is complete and right is a new version."""

import asyncio
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from outreach.playbook.files import read_files, version_of
from outreach.playbook.load import Folder
from outreach.playbook.mounted import Mounted, revision_of


@pytest.fixture
def mounted(folder: Callable[..., Folder], tmp_path: Path) -> Mounted:
    """A folder as it was when the process began."""
    return Mounted(tmp_path, folder().playbook.version)


async def looks(mounted: Mounted, times: int = 2) -> Folder | None:
    return [await mounted.look() for _ in range(times)][-1]


async def test_nothing_is_new_in_a_folder_that_is_as_it_was(mounted: Mounted) -> None:
    assert await looks(mounted, 4) is None
    assert mounted.problem == ""


async def test_an_edit_is_taken_once_and_only_when_it_is_at_rest(mounted: Mounted, tmp_path: Path) -> None:
    await looks(mounted)
    letter = tmp_path / "letters/hello.md"
    letter.write_text(letter.read_text() + "More.\n")
    assert await mounted.look() is None, "perhaps somebody is still writing"
    letter.write_text(letter.read_text() + "And more.\n")
    assert await mounted.look() is None
    taken = await mounted.look()
    assert taken
    assert taken.playbook.version == version_of(read_files(tmp_path))
    assert await looks(mounted) is None


async def test_a_broken_edit_is_a_problem_with_its_place_until_it_is_repaired(mounted: Mounted, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    await looks(mounted)
    rule = tmp_path / "rules/hello.yaml"
    right = rule.read_text()
    rule.write_text(right.replace("event.total", "event.totl").replace("send: hello", "send: helo"))
    assert await looks(mounted) is None
    assert mounted.problem == "rules/hello.yaml:4:34 C014 and 1 more"
    assert "rules/hello.yaml:4:34 C014 an unknown field" in caplog.text
    rule.write_text(right)
    assert await looks(mounted) is not None
    assert mounted.problem == ""


async def test_a_folder_that_is_gone_is_a_problem_too(mounted: Mounted, tmp_path: Path) -> None:
    await looks(mounted)
    shutil.rmtree(tmp_path)
    assert await looks(mounted) is None
    assert mounted.problem == "the folder cannot be read (FileNotFoundError)"


async def test_what_an_editor_leaves_lying_about_is_no_edit(mounted: Mounted, tmp_path: Path) -> None:
    await looks(mounted)
    (tmp_path / "rules/.#hello.yaml").symlink_to("nobody@nowhere")
    (tmp_path / "rules/hello.yaml~").write_text("half a rule")
    assert await looks(mounted) is None
    assert mounted.problem == ""


def test_git_says_which_revision_it_is_and_whether_it_was_edited(tmp_path: Path) -> None:
    assert revision_of(tmp_path) == ""
    (tmp_path / "policy.yaml").write_text("languages: [en]\n")
    for words in (("init", "-q"), ("add", "."), ("-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "-qm", "one")):
        subprocess.run(("git", "-C", str(tmp_path), *words), check=True)
    revision = revision_of(tmp_path)
    assert len(revision) == 12
    (tmp_path / "policy.yaml").write_text("languages: [de]\n")
    assert revision_of(tmp_path) == f"{revision}-dirty"


async def test_looking_again_and_again_holds_nobody_up(mounted: Mounted) -> None:
    assert await asyncio.wait_for(looks(mounted, 20), 5) is None
