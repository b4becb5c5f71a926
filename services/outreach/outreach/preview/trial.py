"""One marked copy of a letter to an address of one's own: the courier's composing and transmission, and nothing is remembered of it."""

import secrets
from dataclasses import replace

from care_contracts.clock import Clock
from care_contracts.records import Command, altered

from outreach.backoff import Backoff
from outreach.delivery.composing import Composer, Mail
from outreach.delivery.connections import Connections, NoConnection
from outreach.delivery.letter import Links
from outreach.delivery.message import Message
from outreach.delivery.outcome import Category, Outcome, State
from outreach.delivery.replies import judge
from outreach.delivery.smtp_url import MailServer
from outreach.delivery.transmission import transmit
from outreach.playbook.load import Folder
from outreach.preview.mail import KEYS

_ONCE = Backoff(0.01, 0.01)


def marked(message: Message) -> Message:
    """The message as a test copy: nobody, and no program, takes it for the letter itself, which may come to the same mailbox later."""
    domain = message.message_id.rpartition("@")[2]
    headers = (*message.headers, ("X-Careloop-Test", "yes"))
    return replace(message, message_id=f"test.{secrets.token_hex(12)}@{domain}", subject=f"[Test] {message.subject}", headers=headers)


async def send_copy(command: Command, address: str, folder: Folder, public_url: str, server: MailServer, seconds: float) -> Outcome:
    """Hands a copy of the command's letter to the mail server; one try of `seconds`. Its links are signed with a key that opens no door."""
    policy = folder.playbook.policy
    composer = Composer(policy, folder.letters, Links(KEYS, public_url), Clock(), policy.send_only_to, marked)
    mail = composer.compose(altered(command, address=address))
    return mail if isinstance(mail, Outcome) else await _handed_over(mail, server, seconds)


async def _handed_over(mail: Mail, server: MailServer, seconds: float) -> Outcome:
    connections = Connections(lambda: server.session(seconds), 1, _ONCE)
    try:
        async with connections.one(lambda: not connections.reachable) as session:
            if mail.envelope.utf8 and not session.supports_extension("smtputf8"):
                return Outcome(State.FAILED, Category.UNSUPPORTED, "the address is not ASCII and the mail server lacks SMTPUTF8")
            return judge(await transmit(session, mail.envelope, mail.content, seconds))
    except NoConnection as away:
        return Outcome(State.FAILED, Category.TEMPORARY, str(away))
    finally:
        await connections.close()
