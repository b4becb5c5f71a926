"""From a command to what goes over the wire, or to the reason why it cannot; nothing here waits for anything."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from care_contracts.clock import Clock
from care_contracts.records import Command

from outreach.core.policy import Policy
from outreach.delivery.addresses import BadAddress, allowed, wire_address
from outreach.delivery.alerts import alert
from outreach.delivery.calling import Call, call_of
from outreach.delivery.dkim import Seal
from outreach.delivery.letter import Letters, Links, Rendered, letter_context
from outreach.delivery.message import BadHeader, Message, as_bytes
from outreach.delivery.outcome import SENT, Category, Outcome, State
from outreach.delivery.transmission import Envelope
from outreach.letters import LetterError

_NOT_WORD = re.compile(r"[^A-Za-z0-9_.-]+")


@dataclass(frozen=True, slots=True)
class Mail:
    """A message that is ready to go."""

    envelope: Envelope
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Composer:
    """Writes the mails: the brand's letters to customers, and plain words to the teams; to nobody outside of `send_only_to` where that is given."""

    policy: Policy
    letters: Letters
    links: Links
    clock: Clock
    send_only_to: Sequence[str] = ()
    marked: Callable[[Message], Message] = lambda message: message  # how a test copy is told from the real thing
    seal: Seal = Seal()  # noqa: RUF009 - a frozen value

    def address(self, command: Command) -> str:
        """Whom the command is for: the customer, or the mailbox of a team."""
        team = self.policy.teams.get(command.what)
        return team.email if command.kind == "alert" and team else command.address

    def prepare(self, command: Command) -> Mail | Call | Outcome:
        """What is to go out for a command, or the definite outcome that it is: a `reward` is given by being told of."""
        if command.kind == "reward":
            return SENT
        if command.kind == "webhook":
            return call_of(command, self.policy.webhooks.get(command.what))
        return self.compose(command)

    def compose(self, command: Command) -> Mail | Outcome:
        """The mail of a `send` or an `alert`, or the definite failure that it is."""
        supported = (command.kind == "send" and command.channel == "email") or (command.kind == "alert" and self.address(command))
        if not supported:
            return _failed(Category.UNSUPPORTED, f"no way yet to {_word(command.kind)} {_word(command.what)} by {_word(command.channel)}")
        if not allowed(self.address(command), self.send_only_to):
            return Outcome(State.REFUSED, Category.NOT_ALLOWED, "policy's send_only_to does not contain the address")
        try:
            envelope = self._envelope(command)
        except BadAddress as error:
            return _failed(Category.ADDRESS, str(error))
        try:
            message = self.marked(self._message(command, envelope))
            return Mail(envelope, self.seal.on(as_bytes(message), message.sender, message.date))
        except Exception as error:  # noqa: BLE001 - a letter is content that people edit: whatever goes wrong in it is recorded
            return _failed(Category.LETTER, str(error) if isinstance(error, LetterError | BadHeader) else type(error).__name__)

    @property
    def _author(self) -> str:
        return wire_address(self.policy.brand.from_)

    def _envelope(self, command: Command) -> Envelope:
        """Letters come back to an address of their own; what is for a team comes back to the brand's."""
        author, recipient = self._author, wire_address(self.address(command))
        sender = (command.kind == "send" and self.links.returns_to(command)) or author
        return Envelope(sender, recipient, utf8=not (author + sender + recipient).isascii())

    def _message(self, command: Command, envelope: Envelope) -> Message:
        brand, author = self.policy.brand, self._author
        words, headers = (alert(command), ()) if command.kind == "alert" else self._letter(command)
        return Message(
            message_id=f"{command.command_id}@{author.rpartition('@')[2]}",
            date=self.clock.now(),
            sender_name=brand.name,
            sender=author,
            recipient=envelope.recipient,
            subject=words.subject,
            text=words.text,
            html=words.html,
            language=words.language,
            reply_to=brand.reply_to,
            headers=(("Auto-Submitted", "auto-generated"), *headers),
        )

    def _letter(self, command: Command) -> tuple[Rendered, Sequence[tuple[str, str]]]:
        links = self.links.of(command)
        one_click = (("List-Unsubscribe", f"<{links['unsubscribe']}>"), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
        return self.letters.render(command.what, command.language, letter_context(command, links)), (*one_click, ("Feedback-ID", _feedback_id(command)))


def _feedback_id(command: Command) -> str:
    """Three things that a mailbox provider may count complaints by, and who we are; nothing about the person."""
    return ":".join((*map(_word, (command.rule, command.what, command.purpose)), "careloop"))


def _word(text: str) -> str:
    return _NOT_WORD.sub("-", text)[:40]


def _failed(category: Category, reason: str) -> Outcome:
    return Outcome(State.FAILED, category, reason)
