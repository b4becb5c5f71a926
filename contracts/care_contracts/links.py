"""Signed links: a token of at most 60 characters that proves which message it came from and what it may be used for."""

import base64
import hmac
from dataclasses import dataclass
from enum import Enum

from care_contracts.identity import COMMAND_ID_BYTES, command_id_bytes, command_id_text

MAC_BYTES = 16
HOUR_MS = 3_600_000
MIN_KEY_CHARACTERS = 16
_HEAD = 6
_LENGTH = _HEAD + COMMAND_ID_BYTES + MAC_BYTES


class Use(Enum):
    """What a link may be used for; a token made for one use opens no other door."""

    SURVEY = 1
    PREFERENCES = 2
    UNSUBSCRIBE = 3
    TASK = 4


class BadLink(ValueError):
    """The token was not made by us for this use; nothing more is said, so that nothing can be learnt by trying."""


class ExpiredLink(BadLink):
    """The token was genuine, but its time is over."""


@dataclass(frozen=True)
class LinkKeys:
    """The signing keys by key id (0..255): `current` signs, all verify, so that keys can be rotated without dead links."""

    keys: dict[int, bytes]
    current: int

    def sign(self, use: Use, command_id: str, expires: int) -> str:
        """The token (51 URL-safe characters) for one use of one message, valid until `expires` (ms since 1970, rounded up to the hour)."""
        head = bytes((self.current, use.value)) + (-(-expires // HOUR_MS)).to_bytes(4, "big")
        body = head + command_id_bytes(command_id)
        return base64.urlsafe_b64encode(body + self._mac(self.current, body)).decode().rstrip("=")

    def open(self, use: Use, token: str, now: int) -> str:
        """The command id inside a token; raises BadLink, or ExpiredLink for a genuine one that is too old."""
        raw = _unbase64(token)
        body, mac = raw[:-MAC_BYTES], raw[-MAC_BYTES:]
        if raw[0] not in self.keys or not hmac.compare_digest(mac, self._mac(raw[0], body)) or raw[1] != use.value:
            raise BadLink("the link is not valid")
        if int.from_bytes(body[2:_HEAD], "big") * HOUR_MS <= now:
            raise ExpiredLink("the link is too old")
        return command_id_text(body[_HEAD:])

    def _mac(self, key_id: int, body: bytes) -> bytes:
        return hmac.digest(self.keys[key_id], b"careloop link\0" + body, "sha256")[:MAC_BYTES]


def _unbase64(token: str) -> bytes:
    """The bytes of the one canonical spelling of a token."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise BadLink("the link is not valid") from error
    if len(raw) != _LENGTH or base64.urlsafe_b64encode(raw).decode().rstrip("=") != token:
        raise BadLink("the link is not valid")
    return raw


def link_keys(text: str) -> LinkKeys:
    """Keys from `1:secret` or, while rotating, `2:new,1:old`: the first signs. Raises ValueError without repeating a secret."""
    keys: dict[int, bytes] = {}
    for number, part in enumerate(text.replace("\n", ",").split(","), 1):
        if not part.strip():
            continue
        key_id, _, secret = part.strip().partition(":")
        if not key_id.isdecimal() or not 0 <= int(key_id) <= 255 or len(secret) < MIN_KEY_CHARACTERS:
            raise ValueError(f"link key {number}: expected NUMBER:SECRET with a number of 0 to 255 and a secret of at least {MIN_KEY_CHARACTERS} characters")
        if int(key_id) in keys:
            raise ValueError(f"link key {number}: the number {key_id} is used twice")
        keys[int(key_id)] = secret.encode()
    if not keys:
        raise ValueError('link keys: expected "1:SECRET", got nothing')
    return LinkKeys(keys, next(iter(keys)))
