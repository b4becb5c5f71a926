"""What the courier needs of letters, and the signed links that it puts into them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from care_contracts.links import LinkKeys, Use
from care_contracts.records import Command
from care_contracts.returns import return_address

LINK_LIFE_MS = 90 * 86_400_000


class Rendered(Protocol):
    """A letter to one person; `language` is the one that it is written in."""

    @property
    def subject(self) -> str:
        """One line."""
        ...

    @property
    def text(self) -> str:
        """The part that every reader can show."""
        ...

    @property
    def html(self) -> str:
        """The same in the brand's frame."""
        ...

    @property
    def language(self) -> str:
        """BCP 47."""
        ...


class Letters(Protocol):
    """The playbook's letters."""

    def render(self, name: str, language: str, context: Mapping[str, Any]) -> Rendered:
        """The letter in the language that comes closest; raises LetterError for one that cannot be rendered."""
        ...


@dataclass(frozen=True, slots=True)
class Links:
    """Makes the addresses in a letter; `public_url` has no final slash. They work for 90 days after the step was due.

    `bounces` is the mailbox that letters come back to, "" for the brand's own; raises ValueError where its name is too long.
    """

    keys: LinkKeys
    public_url: str
    bounces: str = ""

    def __post_init__(self) -> None:
        """What cannot be meant is refused before a letter is written."""
        if self.bounces:
            return_address(self.keys, self.bounces, "a" * 26)

    def of(self, command: Command) -> dict[str, str]:
        """The letter's links by name; a survey's score is appended as `?score=N`."""
        return {
            "survey": self._url("s", Use.SURVEY, command),
            "unsubscribe": self._url("u", Use.UNSUBSCRIBE, command),
            "preferences": self._url("p", Use.PREFERENCES, command),
        }

    def returns_to(self, command: Command) -> str:
        """The envelope's sender (VERP), by which a bounce names its letter; "" where there is no mailbox for them."""
        return return_address(self.keys, self.bounces, command.command_id) if self.bounces else ""

    def _url(self, page: str, use: Use, command: Command) -> str:
        return f"{self.public_url}/{page}/{self.keys.sign(use, command.command_id, command.due + LINK_LIFE_MS)}"


def letter_context(command: Command, links: Mapping[str, str]) -> dict[str, Any]:
    """What a letter can speak of: the command's context, its links and why it came."""
    return {**command.context, "links": dict(links), "why": command.why, "purpose": command.purpose}
