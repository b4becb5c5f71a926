"""Calls as the providers make them, signed with keys that only the tests have."""

import base64
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from care_contracts.clock import DAY_MS, Clock, from_ms, rfc3339
from care_contracts.links import Use
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import CertificateBuilder, Name, NameAttribute, random_serial_number
from cryptography.x509.oid import NameOID
from feedback.providers.mailgun import Mailgun
from feedback.providers.postmark import Postmark
from feedback.providers.sendgrid import SendGrid, sendgrid_key
from feedback.providers.ses import Ses
from feedback.providers.sns import SIGNED, Sns

from tests.feedback.stage import KEYS, NOW, Service
from tests.feedback.test_reading_returns import LETTER, ORIGIN, RETURN

CALLS = Path(__file__).parent / "calls"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:care"
CERTIFICATE = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0000000000000000000000.pem"
MAILGUN_KEY, LOGIN = b"key-that-only-tests-know", b"postmark:a long password"
SENDGRID_PRIVATE = ec.generate_private_key(ec.SECP256R1())
SNS_PRIVATE = rsa.generate_private_key(65537, 2048)

Call = tuple[bytes, dict[str, str]]


def payload(name: str) -> Any:
    """What the provider tells of the letter."""
    text = (CALLS / f"{name}.json").read_text().replace("COMMAND-ID", LETTER).replace("RETURN-ADDRESS", RETURN)
    return json.loads(text.replace("UNSUBSCRIBE-TOKEN", KEYS.sign(Use.UNSUBSCRIBE, LETTER, NOW + DAY_MS)))


def sendgrid(told: Any, at: int = NOW) -> Call:
    """Signed over timestamp and body."""
    body, timestamp = json.dumps(told).encode(), str(at // 1000)
    signature = base64.b64encode(SENDGRID_PRIVATE.sign(timestamp.encode() + body, ec.ECDSA(SHA256()))).decode()
    return body, {"X-Twilio-Email-Event-Webhook-Signature": signature, "X-Twilio-Email-Event-Webhook-Timestamp": timestamp}


def mailgun(told: Any, at: int = NOW, token: str = "t" * 50) -> Call:
    """Signed over timestamp and token."""
    timestamp = str(at // 1000)
    signature = hmac.digest(MAILGUN_KEY, (timestamp + token).encode(), "sha256").hex()
    return json.dumps({"signature": {"token": token, "timestamp": timestamp, "signature": signature}, "event-data": told}).encode(), {}


def postmark(told: Any, at: int = NOW) -> Call:
    """With user and password; it knows no time."""
    assert at
    return json.dumps(told).encode(), {"Authorization": f"Basic {base64.b64encode(LOGIN).decode()}"}


def ses(told: Any, at: int = NOW, **changes: Any) -> Call:
    """A notification of the topic; `changes` are made before it is signed."""
    return sns_message({"Type": "Notification", "Message": json.dumps(told)} | changes, at)


def sns_message(given: Mapping[str, Any], at: int = NOW) -> Call:
    """Any message of the topic, signed."""
    plain = {"MessageId": "m-1", "TopicArn": TOPIC, "Timestamp": rfc3339(at), "SignatureVersion": "2", "SigningCertURL": CERTIFICATE}
    message = plain | dict(given)
    text = "".join(f"{name}\n{message[name]}\n" for name in SIGNED.get(message["Type"], ()) if name in message)
    signature = base64.b64encode(SNS_PRIVATE.sign(text.encode(), PKCS1v15(), SHA256())).decode()
    return json.dumps(message | {"Signature": signature}).encode(), {"Content-Type": "text/plain; charset=UTF-8"}


PROVIDERS: dict[str, Callable[..., Call]] = {"ses": ses, "postmark": postmark, "sendgrid": sendgrid, "mailgun": mailgun}


def certificate(days: int = 30) -> bytes:
    """Self-signed, valid from yesterday."""
    name, today = Name([NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")]), from_ms(Clock().now())
    made = CertificateBuilder().subject_name(name).issuer_name(name).public_key(SNS_PRIVATE.public_key()).serial_number(random_serial_number())
    dated = made.not_valid_before(today - timedelta(days=40)).not_valid_after(today + timedelta(days=days))
    return dated.sign(SNS_PRIVATE, SHA256()).public_bytes(Encoding.PEM)


@dataclass
class Amazon:
    """Amazon's web server: the certificate, and what was asked of it."""

    certificate: bytes = field(default_factory=certificate)
    asked: list[str] = field(default_factory=list)
    away: bool = False

    def fetch(self, url: str) -> bytes:
        self.asked.append(url)
        if self.away:
            raise OSError("away")
        return self.certificate


def set_up(service: Service, amazon: Amazon) -> None:
    """All four providers."""
    clock = Clock(real=service.hands)
    public = SENDGRID_PRIVATE.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    service.providers["ses"] = Ses(Sns(TOPIC, clock, amazon.fetch), ORIGIN)
    service.providers["postmark"] = Postmark(LOGIN, ORIGIN)
    service.providers["sendgrid"] = SendGrid(sendgrid_key(base64.b64encode(public).decode()), ORIGIN, clock)
    service.providers["mailgun"] = Mailgun(MAILGUN_KEY, ORIGIN, clock, service.database)
