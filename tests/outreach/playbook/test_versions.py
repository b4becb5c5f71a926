"""Versions by their hash: as they were published, compiled while they are in use."""

from collections.abc import Callable
from pathlib import Path

import pytest
from care_contracts.playbooks import Version, encode_version
from outreach.playbook import versions as module
from outreach.playbook.load import Folder
from outreach.playbook.versions import NotLoaded, Versions


def published(folder: Folder) -> tuple[str, bytes]:
    files = {name: content.decode() for name, content in folder.files.items()}
    return folder.playbook.version, encode_version(Version(folder.playbook.version, "abc", files))


@pytest.fixture
def two(folder: Callable[..., Folder]) -> tuple[Folder, Folder]:
    """A version and an earlier one of it."""
    earlier = folder({"letters/hello.md": "---\nsubject: Old\n---\nOld words."})
    return folder({"letters/hello.md": "---\nsubject: New\n---\nNew words."}), earlier


async def test_a_version_from_the_topic_is_the_one_that_was_published(two: tuple[Folder, Folder], tmp_path: Path) -> None:
    own, earlier = two
    versions = Versions(own, tmp_path)
    versions.put(*published(earlier))
    with pytest.raises(NotLoaded):
        versions.loaded(earlier.playbook.version)
    found = await versions.of(earlier.playbook.version)
    assert found
    assert found.playbook.version == earlier.playbook.version
    assert found.files["letters/hello.md"].endswith(b"Old words.")
    assert versions.loaded(earlier.playbook.version) is found
    assert (versions.newest, versions.revision_of(versions.newest)) == (earlier.playbook.version, "abc")


async def test_what_cannot_be_found_is_asked_for_once_everything_was_read_and_found_when_it_comes(two: tuple[Folder, Folder], tmp_path: Path) -> None:
    own, earlier = two
    versions, caught_up = Versions(own, tmp_path), list[bool]()

    async def catch_up() -> None:
        caught_up.append(True)

    versions.catch_up = catch_up
    assert await versions.of(earlier.playbook.version) is None
    assert versions.loaded(earlier.playbook.version) is None
    assert caught_up == [True]
    versions.put(*published(earlier))
    assert await versions.of(earlier.playbook.version) is not None


async def test_the_folder_itself_stands_in_for_what_was_never_published(two: tuple[Folder, Folder], tmp_path: Path, folder: Callable[..., Folder]) -> None:
    versions = Versions(two[0], tmp_path)
    edited = folder({"letters/hello.md": "---\nsubject: Newer\n---\nNewer words."})
    found = await versions.of(edited.playbook.version)
    assert found
    assert found.playbook.version == edited.playbook.version


async def test_compiled_versions_that_nobody_asks_for_are_let_go(
    two: tuple[Folder, Folder], tmp_path: Path, folder: Callable[..., Folder], monkeypatch: pytest.MonkeyPatch
) -> None:
    own, earlier = two
    versions = Versions(own, tmp_path)
    versions.put(*published(earlier))
    await versions.of(earlier.playbook.version)
    versions.put(*published(own))
    monkeypatch.setattr(module, "KEPT_SECONDS", -1.0)
    third = folder({"letters/hello.md": "---\nsubject: Third\n---\nThird."})
    versions.put(*published(third))
    await versions.of(third.playbook.version)
    with pytest.raises(NotLoaded):
        versions.loaded(earlier.playbook.version)
    assert versions.loaded(own.playbook.version) is own
