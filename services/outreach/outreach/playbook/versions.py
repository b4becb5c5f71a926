"""Versions of the playbook by content hash: as they were published, and compiled while they are in use."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from care_contracts.playbooks import decode_version

from outreach.playbook.files import read_files, version_of
from outreach.playbook.load import Folder, load_files

log = logging.getLogger(__name__)

Waiting = Callable[[], Awaitable[None]]
KEPT_SECONDS = 600.0
_ASK_AGAIN_SECONDS = 30.0


class NotLoaded(Exception):
    """The version may be there and is not compiled: await `Versions.of`."""


async def _nothing_to_wait_for() -> None:
    """For where versions come from nowhere but the folder."""


class Versions:
    """What is published comes in with `put`, in the order of the log: the newest is what everybody goes by.

    Compiling takes a thread and up to seconds, so that what is compiled is kept while it is asked for, and ten minutes longer.
    `catch_up` returns when everything published until now has been put; the folder, read again, stands in for what was not.
    """

    def __init__(self, own: Folder, folder: Path) -> None:
        self.own = own
        self.catch_up: Waiting = _nothing_to_wait_for
        self.newest = own.playbook.version
        self.folder = folder
        self._published: dict[str, bytes] = {}
        self._compiled: dict[str, Folder] = {own.playbook.version: own}
        self._used: dict[str, float] = {}
        self._not_there: dict[str, float] = {}
        self._one_at_a_time = asyncio.Lock()

    def put(self, version: str, raw: bytes) -> None:
        """A record of care.playbooks, in the order of the topic."""
        self._published[version] = raw
        self._not_there.pop(version, None)
        self.newest = version

    def is_published(self, version: str) -> bool:
        """Whether the version is on the topic, as far as that was read."""
        return version in self._published

    def revision_of(self, version: str) -> str:
        """The git revision that the version was published with, "" for none."""
        raw = self._published.get(version)
        return decode_version(raw).revision if raw else ""

    def accept(self, own: Folder) -> None:
        """The process's own folder holds another version now."""
        self.own = own
        self._compiled[own.playbook.version] = own
        self._not_there.pop(own.playbook.version, None)

    def loaded(self, version: str) -> Folder | None:
        """The version, None when it cannot be found any more; raises NotLoaded."""
        if version in self._compiled:
            self._used[version] = time.monotonic()
            return self._compiled[version]
        if time.monotonic() < self._not_there.get(version, 0.0):
            return None
        raise NotLoaded(version)

    async def of(self, version: str) -> Folder | None:
        """The same, after loading it where that is necessary."""
        try:
            return self.loaded(version)
        except NotLoaded:
            async with self._one_at_a_time:
                return await self._loaded(version)

    async def _loaded(self, version: str) -> Folder | None:
        try:
            return self.loaded(version)
        except NotLoaded:
            await self._load(version)
        return self.loaded(version)

    async def _load(self, version: str) -> None:
        if version not in self._published:
            await self.catch_up()
        folder = await asyncio.to_thread(self._compile, version)
        self._let_go()
        if folder is None:
            log.error("playbook %s cannot be found any more", version)
            self._not_there[version] = time.monotonic() + _ASK_AGAIN_SECONDS
        else:
            self._compiled[version] = folder
            self._used[version] = time.monotonic()

    def _compile(self, version: str) -> Folder | None:
        raw = self._published.get(version)
        files = {name: text.encode() for name, text in decode_version(raw).files.items()} if raw else self._mounted(version)
        if files is None:
            return None
        folder = load_files(files)
        for problem in folder.errors[:10]:
            log.error("playbook %s, accepted by other code: %s:%d:%d %s", version, problem.file, problem.line, problem.column, problem.code)
        return folder

    def _mounted(self, version: str) -> dict[str, bytes] | None:
        try:
            files = read_files(self.folder)
        except OSError as error:
            log.warning("the playbook's folder cannot be read: %s", type(error).__name__)
            return None
        return files if version_of(files) == version else None

    def _let_go(self) -> None:
        """By time and not by number: a batch may need any number of versions at once."""
        kept = {self.own.playbook.version, self.newest}
        for version in [version for version in self._compiled if version not in kept]:
            if self._used.get(version, 0.0) < time.monotonic() - KEPT_SECONDS:
                del self._compiled[version]
