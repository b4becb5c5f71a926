"""DKIM signatures (RFC 6376, RFC 8463): relaxed/relaxed, over every header that a mailbox provider looks at and against any that somebody adds."""

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

# Each is named once more than it occurs, so that none can be added on the way (RFC 6376, 8.15); one-click has to be signed (RFC 8058, 4).
_SIGNED = (
    *("From", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Content-Language"),
    *("List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted", "Feedback-ID"),
)
_MIN_RSA_BITS = 2048
_PEM = re.compile(r"-----BEGIN [A-Z ]+-----.+?-----END [A-Z ]+-----", re.DOTALL)
_SELECTOR = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", re.IGNORECASE)
_FIELDS = re.compile(rb"\r\n(?![ \t])")
_WHITE = re.compile(rb"[ \t]+")
_B_LENGTH = 72


@dataclass(frozen=True, slots=True)
class Key:
    """A private key and the selector under which its public half stands in DNS."""

    selector: str
    private: RSAPrivateKey | Ed25519PrivateKey

    @property
    def algorithm(self) -> str:
        """The `a=` tag."""
        return "rsa-sha256" if isinstance(self.private, RSAPrivateKey) else "ed25519-sha256"

    def sign(self, data: bytes) -> bytes:
        """The signature of the canonical headers; Ed25519 signs their hash (RFC 8463, 3)."""
        if isinstance(self.private, RSAPrivateKey):
            return self.private.sign(data, PKCS1v15(), SHA256())
        return self.private.sign(hashlib.sha256(data).digest())


@dataclass(frozen=True, slots=True)
class Seal:
    """Signs with every key; without one it leaves a message as it is. `domain` is the From's where it is empty."""

    keys: tuple[Key, ...] = ()
    domain: str = ""

    def on(self, message: bytes, author: str, at: int) -> bytes:
        """The message with its signatures in front. `author` is the From's address, `at` when it is signed (ms since 1970)."""
        if not self.keys:
            return message
        head, _, body = message.partition(b"\r\n\r\n")
        fields = _FIELDS.split(head)
        domain, digest = self.domain or author.rpartition("@")[2], base64.b64encode(hashlib.sha256(relaxed_body(body)).digest())
        return b"".join([*(_signature(key, fields, domain, digest, at) for key in self.keys), message])


def _signature(key: Key, fields: Sequence[bytes], domain: str, digest: bytes, at: int) -> bytes:
    names = _oversigned(fields)
    said = f"v=1; a={key.algorithm}; c=relaxed/relaxed; d={domain}; s={key.selector};\r\n t={at // 1000}; bh={digest.decode()};\r\n h={':'.join(names)};\r\n b="
    field = f"DKIM-Signature: {said}".encode()
    signature = base64.b64encode(key.sign(signed_data(fields, names, field))).decode()
    folded = "\r\n ".join(signature[at : at + _B_LENGTH] for at in range(0, len(signature), _B_LENGTH))
    return field + folded.encode() + b"\r\n"


def _oversigned(fields: Sequence[bytes]) -> list[str]:
    there = [_name(field) for field in fields]
    return [name for name in _SIGNED for _ in range(there.count(name.lower().encode()) + 1)]


def _name(field: bytes) -> bytes:
    return field.partition(b":")[0].strip().lower()


def signed_data(fields: Sequence[bytes], names: Sequence[str], signature: bytes) -> bytes:
    """What is signed: for each name the lowest field not yet taken, then the signature's own field without its `b=` (RFC 6376, 3.7)."""
    waiting: dict[bytes, list[bytes]] = {}
    for field in fields:
        waiting.setdefault(_name(field), []).append(field)
    taken = [waiting[key].pop() for name in names if waiting.get(key := name.strip().lower().encode())]
    return b"".join([*(relaxed_header(field) + b"\r\n" for field in taken), relaxed_header(signature)])


def relaxed_header(field: bytes) -> bytes:
    """RFC 6376, 3.4.2, without the line's end."""
    value = _WHITE.sub(b" ", field.partition(b":")[2].replace(b"\r\n", b"")).strip()
    return _name(field) + b":" + value


def relaxed_body(body: bytes) -> bytes:
    """RFC 6376, 3.4.4."""
    lines = [_WHITE.sub(b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)


def dkim_seal(keys: str, selectors: str, domain: str = "") -> Seal:
    """A seal from PEM private keys in one text and their selectors `s1,s2` in the same order; raises ValueError without repeating a key."""
    pems, names = _PEM.findall(keys), [name.strip() for name in selectors.split(",") if name.strip()]
    if len(pems) != len(names):
        raise ValueError(f"DKIM: expected as many selectors as keys, got {len(names)} selectors and {len(pems)} keys in PEM")
    if bad := [name for name in names if not _SELECTOR.fullmatch(name)]:
        raise ValueError(f"DKIM: expected a selector of letters, digits, dots and hyphens, got {bad[0]!r}")
    return Seal(tuple(Key(name, _private(number, pem)) for number, (name, pem) in enumerate(zip(names, pems, strict=True), 1)), domain)


def _private(number: int, pem: str) -> RSAPrivateKey | Ed25519PrivateKey:
    expected = f"DKIM key {number}: expected an unencrypted Ed25519 key or an RSA key of at least {_MIN_RSA_BITS} bits in PEM"
    try:
        key = load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{expected}, got something else") from error
    if isinstance(key, Ed25519PrivateKey) or (isinstance(key, RSAPrivateKey) and key.key_size >= _MIN_RSA_BITS):
        return key
    raise ValueError(f"{expected}, got another")
