"""Amazon SNS: a message is believed when it is signed by the certificate at an amazonaws.com address, and of the topic that is ours."""

import base64
import http.client
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from care_contracts.clock import Clock, from_ms, parse_rfc3339
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import load_pem_x509_certificate

from feedback.providers.calls import Forged, fresh

_HOST = re.compile(r"sns\.[a-z]{2}(-[a-z]+)+-\d\.amazonaws\.com(\.cn)?")
_PATH = re.compile(r"/[A-Za-z0-9._-]+\.pem")
_NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_SUBSCRIPTION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
SIGNED = {"Notification": _NOTIFICATION, "SubscriptionConfirmation": _SUBSCRIPTION, "UnsubscribeConfirmation": _SUBSCRIPTION}
_MOST_CERTIFICATES = 8
_LONGEST = 64 * 1024
_TIMEOUT_S = 5.0

Fetch = Callable[[str], bytes]


def amazon_url(url: str, *, certificate: bool = False) -> str:
    """The URL, where it is an https address of SNS without port or user; raises Forged, so that nobody makes us call anything else."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not _HOST.fullmatch(parts.netloc) or (certificate and (parts.query or not _PATH.fullmatch(parts.path))):
        raise Forged("not an address of Amazon SNS")
    return url


def fetch(url: str) -> bytes:
    """What stands at an address of SNS: no redirects, no proxies, at most 64 KiB within seconds. Raises OSError or HTTPException."""
    parts = urlsplit(amazon_url(url))
    connection = http.client.HTTPSConnection(parts.netloc, timeout=_TIMEOUT_S)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}" if parts.query else parts.path)
        answer = connection.getresponse()
        if answer.status != 200:
            raise OSError(f"{parts.netloc}: expected 200, got {answer.status}")
        return answer.read(_LONGEST)
    finally:
        connection.close()


@dataclass
class Sns:
    """Checks messages of one topic; certificates are kept, and their dates are judged by real time."""

    topic: str
    clock: Clock
    fetch: Fetch = fetch
    real: Clock = field(default_factory=Clock)
    _keys: dict[str, tuple[RSAPublicKey, datetime]] = field(default_factory=dict)

    def check(self, message: Mapping[str, Any]) -> None:
        """Raises Forged for a message that is not our topic's, or OSError when the certificate cannot be had. Signature version 1 is SHA-1, and refused."""
        names = SIGNED.get(str(message.get("Type")))
        if names is None or message.get("TopicArn") != self.topic or message.get("SignatureVersion") != "2":
            raise Forged("not a message of our topic with signature version 2")
        text = "".join(f"{name}\n{message[name]}\n" for name in names if name in message)
        try:
            key = self._key(amazon_url(str(message.get("SigningCertURL")), certificate=True))
            key.verify(base64.b64decode(str(message.get("Signature"))), text.encode(), PKCS1v15(), SHA256())
            fresh(parse_rfc3339(str(message.get("Timestamp"))), self.clock.now())
        except (InvalidSignature, ValueError) as error:
            raise Forged("not signed by Amazon SNS") from error

    def _key(self, url: str) -> RSAPublicKey:
        now = from_ms(self.real.now()).astimezone(UTC)
        if url not in self._keys:
            certificate = load_pem_x509_certificate(self.fetch(url))
            key = certificate.public_key()
            if not isinstance(key, RSAPublicKey) or certificate.not_valid_before_utc > now:
                raise Forged("a certificate that cannot be used")
            while len(self._keys) >= _MOST_CERTIFICATES:
                self._keys.pop(next(iter(self._keys)))
            self._keys[url] = key, certificate.not_valid_after_utc
        key, ends = self._keys[url]
        if ends < now:
            raise Forged("a certificate of the past")
        return key
