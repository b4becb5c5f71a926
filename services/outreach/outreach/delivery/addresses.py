"""Addresses on their way into an envelope: what is malformed is refused, what is not ASCII is made ASCII where that is possible."""

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

import idna

_BARE = re.compile(r"[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f]{1,64}@[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f]{1,255}")


class BadAddress(ValueError):
    """Not an address that SMTP can be given; the message does not repeat it."""


def wire_address(address: str) -> str:
    """The bare address with its domain as A-labels (RFC 5890); what is still not ASCII then needs SMTPUTF8. Raises BadAddress."""
    address = address.strip()
    if not _BARE.fullmatch(address) or len(address.encode()) > 254:
        raise BadAddress(f"expected local-part@domain, got {len(address)} characters of something else")
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain if domain.isascii() else idna.encode(domain, uts46=True).decode()}"
    except idna.IDNAError as error:
        raise BadAddress("expected a domain that IDNA can encode") from error


def allowed(address: str, patterns: Sequence[str]) -> bool:
    """Whether policy's `send_only_to` lets an address through; no pattern means that every address may be written to."""
    return not patterns or any(fnmatchcase(address.strip().lower(), pattern.lower()) for pattern in patterns)
