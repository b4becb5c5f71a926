"""The address that a letter's bounce comes back to (VERP): it names the letter and proves that we wrote it, so that nobody can bounce another's mail."""

import base64
import hmac
import re

from care_contracts.identity import COMMAND_ID_BYTES, command_id_bytes, command_id_text
from care_contracts.links import BadLink, LinkKeys

MAC_BYTES = 10
LONGEST_LOCAL_PART = 64  # RFC 5321, 4.5.3.1.1
_CHARACTERS = 44  # of base32, which survives a mail server that changes the case of local parts
_TAIL = re.compile(rf"\+([a-zA-Z2-7]{{{_CHARACTERS}}})@")
_MOST_TRIED = 20


def return_address(keys: LinkKeys, mailbox: str, command_id: str) -> str:
    """`bounces+TOKEN@domain` for the mailbox `bounces@domain`; raises ValueError for a mailbox whose local part is longer than 19 characters."""
    local, _, domain = mailbox.rpartition("@")
    if not local or not domain or len(local) + 1 + _CHARACTERS > LONGEST_LOCAL_PART:
        raise ValueError(f"expected a mailbox of at most {LONGEST_LOCAL_PART - 1 - _CHARACTERS} characters before its @domain, got {len(local)}")
    body = bytes((keys.current,)) + command_id_bytes(command_id)
    return f"{local}+{base64.b32encode(body + _mac(keys, body)).decode().lower().rstrip('=')}@{domain}"


def returned_letter(keys: LinkKeys, text: str) -> str:
    """The command id of the first genuine return address in a text (an address, a header, a whole message); raises BadLink where there is none."""
    for number, token in enumerate(_TAIL.finditer(text)):
        if number == _MOST_TRIED:
            break
        raw = base64.b32decode(token[1].upper() + "=" * (-_CHARACTERS % 8))
        body, mac = raw[: 1 + COMMAND_ID_BYTES], raw[1 + COMMAND_ID_BYTES :]
        if body[0] in keys.keys and hmac.compare_digest(mac, _mac(keys, body)):
            return command_id_text(body[1:])
    raise BadLink("no genuine return address")


def _mac(keys: LinkKeys, body: bytes) -> bytes:
    return hmac.digest(keys.keys[body[0]], b"careloop return\0" + body, "sha256")[:MAC_BYTES]
