"""In whose words a command is carried out: those of the version of the playbook that it was decided under."""

from dataclasses import dataclass

from care_contracts.clock import Clock

from outreach.delivery.composing import Composer
from outreach.delivery.dkim import Seal
from outreach.delivery.letter import Links
from outreach.playbook.versions import Versions


@dataclass(frozen=True, slots=True)
class Voices:
    """A composer for each version; whom we may write to at all is the newest version's word: a safety net holds at once."""

    versions: Versions
    links: Links
    clock: Clock
    seal: Seal = Seal()  # noqa: RUF009 - a frozen value

    async def of(self, version: str) -> Composer | None:
        """The composer of that version; None when it cannot be found."""
        folder, newest = await self.versions.of(version), await self.versions.of(self.versions.newest)
        net = newest if newest and not newest.errors else self.versions.own
        if folder is None:
            return None
        policy = folder.playbook.policy
        return Composer(policy, folder.letters, self.links, self.clock, net.playbook.policy.send_only_to, seal=self.seal)
