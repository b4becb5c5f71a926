"""Which letter something that came back belongs to, by what we signed: the return address, or the unsubscribe link in the returned headers."""

import re
from dataclasses import dataclass

from care_contracts.clock import Clock
from care_contracts.links import BadLink, LinkKeys, Use
from care_contracts.returns import returned_letter

_LINK = re.compile(r"/u/([A-Za-z0-9_-]{51})(?![A-Za-z0-9_-])")
_MESSAGE_ID = re.compile(r"<([a-z2-7]{26})@[^<>\s]{1,255}>")
_MOST_TRIED = 20


@dataclass(frozen=True)
class Origin:
    """A signature proves itself wherever it stands; a Message-ID proves nothing, because it can be guessed from order numbers."""

    keys: LinkKeys
    clock: Clock

    def proven(self, *texts: str) -> str:
        """The command id that something in the texts was signed for, "" where nothing was."""
        return next((command_id for text in texts if (command_id := self._signed(text))), "")

    def _signed(self, text: str) -> str:
        try:
            return returned_letter(self.keys, text)
        except BadLink:
            return self._linked(text)

    def _linked(self, text: str) -> str:
        now = self.clock.now()
        for number, link in enumerate(_LINK.finditer(text)):
            if number == _MOST_TRIED:
                break
            try:
                return self.keys.open(Use.UNSUBSCRIBE, link[1], now)
            except BadLink:
                continue
        return ""


def answered(in_reply_to: str) -> str:
    """The command id in an In-Reply-To or References header, "" where there is none: good enough for a reply, which stops nothing."""
    found = _MESSAGE_ID.search(in_reply_to)
    return found[1] if found else ""
