"""Notices when a file of the playbook is saved, and reads it again."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from outreach.playbook.files import read_files, version_of
from outreach.playbook.load import Folder, load_files, load_folder

EVERY_SECONDS = 0.5


class Watched:
    """A playbook folder as it is now. `folder` is read anew when a file's content has changed."""

    def __init__(self, path: Path) -> None:
        self.folder: Folder = load_folder(path)
        self._path = path
        self._changed = asyncio.Condition()

    async def run(self) -> None:
        """Looks twice a second, for ever; an editor's half-written file or folder is looked at again the next time."""
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            folder = await asyncio.to_thread(self._read_if_changed)
            if folder:
                async with self._changed:
                    self.folder = folder
                    self._changed.notify_all()

    def _read_if_changed(self) -> Folder | None:
        try:
            files = read_files(self._path)
        except OSError:
            return None
        return None if version_of(files) == self.folder.playbook.version else load_files(files)

    async def versions(self) -> AsyncIterator[str]:
        """The version of every content from now on, this one first."""
        version = ""
        while True:
            async with self._changed:
                while self.folder.playbook.version == version:
                    await self._changed.wait()
                version = self.folder.playbook.version
            yield version
