"""The playbook's folder while it is being edited: an edit that is complete and right is a new version, a broken one is a problem in words."""

import asyncio
import logging
import subprocess
from collections.abc import Mapping
from pathlib import Path

from outreach.playbook.files import paths, read_files, version_of
from outreach.playbook.load import Folder, load_files
from outreach.playbook.problems import CODES, Problem

log = logging.getLogger(__name__)

Fingerprint = Mapping[str, tuple[int, int, int]]
_SHOWN = 20


class Mounted:
    """Looks at the folder each time it is asked; `problem` says what is wrong with what lies there, "" when nothing is."""

    def __init__(self, folder: Path, version: str) -> None:
        self._folder = folder
        self._seen: Fingerprint | str = {}
        self._read = version
        self._settled = False
        self.problem = ""

    async def look(self) -> Folder | None:
        """A version that is right and was not there before. An edit is read when it has been at rest from one look to the next."""
        seen = await asyncio.to_thread(_fingerprint, self._folder)
        if seen != self._seen:
            self._seen, self._settled = seen, False
            return None
        if self._settled:
            return None
        self._settled = True
        return await self._edited()

    async def _edited(self) -> Folder | None:
        try:
            files = await asyncio.to_thread(read_files, self._folder)
        except OSError as error:
            self._broken(f"the folder cannot be read ({type(error).__name__})")
            return None
        before, self._read = self._read, version_of(files)
        if self._read == before:
            return None
        try:
            folder = await asyncio.to_thread(load_files, files)
        except Exception as error:  # noqa: BLE001 - DESIGN section 8: whatever is wrong with an edit, the last good version keeps running
            self._broken(f"it cannot be understood ({type(error).__name__})")
            return None
        self._judge(folder.errors)
        return None if folder.errors else folder

    def _judge(self, errors: tuple[Problem, ...]) -> None:
        for problem in errors[:_SHOWN]:
            log.error("playbook: %s %s", _place(problem), CODES.get(problem.code, ""))
        more = f" and {len(errors) - 1} more" if len(errors) > 1 else ""
        self.problem = f"{_place(errors[0])}{more}" if errors else ""

    def _broken(self, why: str) -> None:
        log.error("playbook: %s", why)
        self.problem, self._read = why, ""


def _place(problem: Problem) -> str:
    return f"{problem.file}:{problem.line}:{problem.column} {problem.code}"


def _fingerprint(folder: Path) -> Fingerprint | str:
    try:
        found = {name: path.stat() for name, path in paths(folder)}
    except OSError as error:
        return type(error).__name__
    return {name: (stat.st_size, stat.st_mtime_ns, stat.st_ino) for name, stat in found.items()}


def revision_of(folder: Path) -> str:
    """Git's name for what lies in the folder, with `-dirty` when it was edited since; "" where there is no git or no repository."""
    command = ("git", "-C", str(folder), "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*")
    try:
        return subprocess.run(command, capture_output=True, check=True, text=True, timeout=5).stdout.strip()  # noqa: S603 - a fixed command
    except (OSError, subprocess.SubprocessError):
        return ""
