"""Deterministic names of things: the same occasion has the same ids, however often crashes and replays repeat it."""

import base64
import hashlib

COMMAND_ID_BYTES = 16
_DIGITS = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = tuple(one + other for one in _DIGITS for other in _DIGITS)
_SHIFTS = range(120, -1, -10)


def occasion(rule: str, customer_id: str, occurrence: str) -> str:
    """The one name of `rule` happening to a customer for one occurrence; unambiguous whatever the parts contain."""
    plain = f"{rule}|{customer_id}|{occurrence}"
    if plain.count("|") == len("||") and "\\" not in plain:
        return plain
    return "|".join(part.replace("\\", "\\\\").replace("|", "\\|") for part in (rule, customer_id, occurrence))


def command_id(the_occasion: str, step: str) -> str:
    """26 lower-case base32 characters (128 bits of BLAKE2b): safe in a Message-ID, a URL, a file name and a VERP address."""
    return command_id_text(hashlib.blake2b(f"{the_occasion}#{step}".encode(), digest_size=COMMAND_ID_BYTES).digest())


def command_id_bytes(text: str) -> bytes:
    """The 16 bytes of a command id; raises ValueError for anything that is not one."""
    try:
        raw = base64.b32decode(text.upper() + "======")
    except ValueError as error:
        raise ValueError(f"expected a command id of 26 base32 characters, got {len(text)} characters") from error
    if len(raw) != COMMAND_ID_BYTES or command_id_text(raw) != text:
        raise ValueError(f"expected a command id of 26 base32 characters, got {len(text)} characters")
    return raw


def command_id_text(raw: bytes) -> str:
    """The text of a command id's 16 bytes: base32 (RFC 4648, section 6) in lower case without padding; ids are made by the ten thousand a second."""
    number = int.from_bytes(raw) << 2
    return "".join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])  # a list, because join makes one anyway
