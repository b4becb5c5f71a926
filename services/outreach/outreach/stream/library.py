"""The playbook's versions as the handler asks for them: what is not compiled yet is waited for before the batch is decided."""

from outreach.core.rules import Playbook
from outreach.playbook.versions import NotLoaded, Versions
from outreach.stream.batch import NotYet
from outreach.stream.decider import Decider


class Library:
    """Looks up versions for `Decider`."""

    def __init__(self, versions: Versions) -> None:
        self._versions = versions

    def get(self, version: str) -> Playbook | None:
        """The version with this content hash; None when it cannot be found any more; raises NotYet."""
        try:
            folder = self._versions.loaded(version)
        except NotLoaded:
            raise NotYet(lambda: self._versions.of(version)) from None
        return folder.playbook if folder else None


def decider_of(versions: Versions) -> Decider:
    """The handler of the folder's playbook, until another one is activated."""
    return Decider(versions.own.playbook, Library(versions))
