"""DKIM signatures, against the RFCs' own examples and an independent verifier."""

import base64
import hashlib
import re
from dataclasses import replace
from functools import cache

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat, load_pem_private_key
from hypothesis import given, settings
from outreach.delivery.composing import Mail
from outreach.delivery.dkim import Key, Seal, dkim_seal, relaxed_body, relaxed_header, signed_data
from outreach.delivery.message import as_bytes

from tests.outreach.delivery.post_office import composer, order
from tests.outreach.delivery.test_message import PLAIN, texts

NOW = 1_528_637_909_000

# RFC 8463, appendix A: the keys, and the message with both signatures.
ED25519 = ed25519.Ed25519PrivateKey.from_private_bytes(base64.b64decode("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="))
RSA_1024 = """-----BEGIN RSA PRIVATE KEY-----
MIICXQIBAAKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQi
Y/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqM
KrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB
AoGAH0cxOhFZDgzXWhDhnAJDw5s4roOXN4OhjiXa8W7Y3rhX3FJqmJSPuC8N9vQm
6SVbaLAE4SG5mLMueHlh4KXffEpuLEiNp9Ss3O4YfLiQpbRqE7Tm5SxKjvvQoZZe
zHorimOaChRL2it47iuWxzxSiRMv4c+j70GiWdxXnxe4UoECQQDzJB/0U58W7RZy
6enGVj2kWF732CoWFZWzi1FicudrBFoy63QwcowpoCazKtvZGMNlPWnC7x/6o8Gc
uSe0ga2xAkEA8C7PipPm1/1fTRQvj1o/dDmZp243044ZNyxjg+/OPN0oWCbXIGxy
WvmZbXriOWoSALJTjExEgraHEgnXssuk7QJBALl5ICsYMu6hMxO73gnfNayNgPxd
WFV6Z7ULnKyV7HSVYF0hgYOHjeYe9gaMtiJYoo0zGN+L3AAtNP9huqkWlzECQE1a
licIeVlo1e+qJ6Mgqr0Q7Aa7falZ448ccbSFYEPD6oFxiOl9Y9se9iYHZKKfIcst
o7DUw1/hz2Ck4N5JrgUCQQCyKveNvjzkkd8HjYs0SwM0fPjK16//5qDZ2UiDGnOe
uEzxBDAr518Z8VFbR41in3W4Y3yCDgQlLlcETrS+zYcL
-----END RSA PRIVATE KEY-----"""
FIELDS = [
    b"From: Joe SixPack <joe@football.example.com>",
    b"To: Suzie Q <suzie@shopping.example.net>",
    b"Subject: Is dinner ready?",
    b"Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)",
    b"Message-ID: <20030712040037.46341.5F8J@football.example.com>",
]
BODY = b"Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n"
BODY_HASH = b"2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8="
BY_ED25519 = (
    b"DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n d=football.example.com; i=@football.example.com;\r\n"
    b" q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n subject : date : message-id : from : subject : date;\r\n bh=" + BODY_HASH + b";\r\n b="
)
BY_RSA = (
    b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n d=football.example.com; i=@football.example.com;\r\n"
    b" q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n date : message-id : from : subject : date;\r\n bh=" + BODY_HASH + b";\r\n b="
)
SIGNED_BY_RSA = (
    "F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz"
    "dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8="
)
NAMES = ["from ", " to ", " subject ", " date ", " message-id ", " from ", " subject ", " date"]


def test_the_signatures_are_those_of_rfc_8463() -> None:
    rsa_1024 = load_pem_private_key(RSA_1024.encode(), None)
    assert isinstance(rsa_1024, rsa.RSAPrivateKey)
    for key, field, expected in (
        (Key("brisbane", ED25519), BY_ED25519, "/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw=="),
        (Key("test", rsa_1024), BY_RSA, SIGNED_BY_RSA),
    ):
        assert base64.b64encode(key.sign(signed_data(FIELDS, NAMES, field))).decode() == expected
    assert base64.b64encode(hashlib.sha256(relaxed_body(BODY)).digest()) == BODY_HASH


def test_the_canonical_forms_are_those_of_rfc_6376() -> None:
    assert [relaxed_header(field) for field in (b"A: X", b"B : Y\t\r\n\tZ  ")] == [b"a:X", b"b:Y Z"]
    assert relaxed_body(b" C \r\nD \t E\r\n\r\n\r\n") == b" C\r\nD E\r\n"
    assert base64.b64encode(hashlib.sha256(relaxed_body(b"\r\n \r\n")).digest()) == b"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


@cache
def rsa_2048() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def pem(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def both() -> Seal:
    return dkim_seal(f"{pem(rsa_2048())}\n{pem(ED25519)}", "r2048, brisbane")


def dns(name: bytes, **_timeout: int) -> bytes:
    """The TXT records of the public halves."""
    public = rsa_2048().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    record = {
        b"r2048._domainkey.northwind.example.": b"v=DKIM1; k=rsa; p=" + base64.b64encode(public),
        b"brisbane._domainkey.northwind.example.": b"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
    }
    return record[name]


def verdicts(message: bytes) -> list[bool]:
    """What dkimpy says of both signatures."""
    found = []
    for number in range(2):
        try:
            found.append(bool(dkim.DKIM(message).verify(number, dnsfunc=dns)))
        except dkim.DKIMException:
            found.append(False)
    return found


def letter() -> bytes:
    mail = replace(composer(), seal=both()).compose(order())
    assert isinstance(mail, Mail)
    return mail.content


def test_a_letter_is_signed_with_every_key_and_an_independent_verifier_agrees() -> None:
    message = letter()

    assert message.count(b"DKIM-Signature: ") == 2
    assert all(len(line) <= 998 for line in message.split(b"\r\n"))
    assert verdicts(message) == [True, True]
    assert message.partition(b"Message-ID: ")[2].replace(b"\r\n", b"").count(b"\n") == 0


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Subject: Hello", b"Subject: Howdy"),
        (b"Hi Ada", b"Hi Eve"),
        (b"MIME-Version", b"From: Eve <eve@evil.example>\r\nMIME-Version"),
        (b"MIME-Version", b"Subject: another\r\nMIME-Version"),
        (b"MIME-Version", b"Cc: eve@evil.example\r\nMIME-Version"),
        (b"List-Unsubscribe: <https://care", b"List-Unsubscribe: <https://evil"),
        (b"List-Unsubscribe-Post: ", b"X-Gone: "),
        (b"Feedback-ID: checkin", b"Feedback-ID: checkout"),
    ],
)
def test_a_signature_holds_against_every_change(old: bytes, new: bytes) -> None:
    assert old in letter()
    assert verdicts(letter().replace(old, new, 1)) == [False, False]


def test_what_mail_servers_may_do_breaks_nothing() -> None:
    head, _, body = letter().partition(b"\r\n\r\n")
    folded = re.sub(rb"(Subject:) ", rb"\1\r\n\t ", head)
    assert verdicts(b"Received: from x\r\n by y\r\n" + folded + b"\r\n\r\n" + body + b"\r\n\r\n") == [True, True]


@settings(max_examples=10, deadline=None)
@given(texts, texts)
def test_whatever_stands_in_a_letter_its_signature_is_good(subject: str, text: str) -> None:
    raw = as_bytes(replace(PLAIN, subject=subject, text=text, html=""))
    assert verdicts(both().on(raw, PLAIN.sender, NOW)) == [True, True]


def test_without_a_key_nothing_changes() -> None:
    raw = as_bytes(PLAIN)
    assert dkim_seal("", "").on(raw, PLAIN.sender, NOW) == raw


def test_the_domain_is_the_authors_unless_another_is_given() -> None:
    raw = as_bytes(PLAIN)
    assert b" d=northwind.example;" in both().on(raw, PLAIN.sender, NOW)
    assert b" d=mail.example;" in replace(both(), domain="mail.example").on(raw, PLAIN.sender, NOW)


@pytest.mark.parametrize(
    ("keys", "selectors"),
    [
        ("", "s1"),
        (pem(ED25519), ""),
        (pem(ED25519), "s1,s2"),
        (pem(ED25519), "s;1"),
        (RSA_1024, "s1"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "s1"),
        ("-----BEGIN PRIVATE KEY-----\nbm9uc2Vuc2U=\n-----END PRIVATE KEY-----", "s1"),
    ],
)
def test_unfit_keys_are_refused_without_repeating_them(keys: str, selectors: str) -> None:
    with pytest.raises(ValueError, match="DKIM") as refused:
        dkim_seal(keys, selectors)
    assert "MII" not in str(refused.value)
    assert "bm9" not in str(refused.value)
