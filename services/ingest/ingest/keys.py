"""API keys: who may post. Only their SHA-256 is stored, which suffices because a key is 256 random bits."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from ingest.problems import UNKNOWN_KEY, Refusal

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
PREFIX = "care_"
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="careloop"'}


def digest(key: str) -> bytes:
    """What is stored of a key."""
    return hashlib.sha256(key.encode()).digest()


@dataclass(frozen=True)
class ApiKeys:
    """The names of the systems that may post, each with the digest of its key."""

    digests: tuple[tuple[str, bytes], ...]

    def name_of(self, headers: Mapping[str, str]) -> str:
        """The caller's name, by `Authorization: Bearer KEY` (RFC 6750) or `X-Api-Key: KEY`; raises a Refusal of kind UNKNOWN_KEY."""
        presented = digest(_presented(headers))
        found = ""
        for name, expected in self.digests:  # every key is compared, so that the time taken tells nothing
            if hmac.compare_digest(expected, presented):
                found = name
        if not found:
            raise Refusal(UNKNOWN_KEY, "the API key is missing or not known here", headers=_CHALLENGE)
        return found


def _presented(headers: Mapping[str, str]) -> str:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "")


def api_keys(text: str) -> ApiKeys:
    """Keys from `NAME:SHA256[,NAME:SHA256…]`, commas or lines; a ValueError says which entry is wrong, without repeating it."""
    digests: list[tuple[str, bytes]] = []
    for number, entry in enumerate(filter(None, map(str.strip, text.replace("\n", ",").split(","))), 1):
        name, _, hexadecimal = entry.partition(":")
        if not NAME.fullmatch(name) or not re.fullmatch(r"[0-9a-fA-F]{64}", hexadecimal):
            raise ValueError(f"CARE_API_KEYS, entry {number}: expected NAME:SHA256 with a name of a-z, 0-9 and hyphens and 64 hexadecimal digits")
        digests.append((name, bytes.fromhex(hexadecimal)))
    if not digests:
        raise ValueError("CARE_API_KEYS: expected at least one NAME:SHA256, got none; `python -m ingest new-key NAME` makes one")
    return ApiKeys(tuple(digests))


def new_key(name: str) -> tuple[str, str]:
    """A fresh key, to be shown once, and the entry for CARE_API_KEYS; two keys may share a name while one replaces the other."""
    if not NAME.fullmatch(name):
        raise ValueError("expected a name of a-z, 0-9 and hyphens, at most 63 characters")
    key = PREFIX + secrets.token_urlsafe(32)
    return key, f"{name}:{digest(key).hex()}"
