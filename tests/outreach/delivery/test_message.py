"""The bytes of a message, with the standard library's parser and EmailMessage as oracle."""

from dataclasses import replace
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, default

import pytest
from care_contracts.returns import returned_letter
from hypothesis import given
from hypothesis import strategies as st
from outreach.delivery.composing import Composer, Mail
from outreach.delivery.message import BadHeader, Message, as_bytes

from tests.outreach.delivery.post_office import composer, order

PLAIN = Message(
    "abc@northwind.example",
    1_767_225_600_000,
    "Northwind Records",
    "care@northwind.example",
    "ada@example.org",
    "Hello",
    "Hi\n",
    "<p>Hi</p>",
    "hello@northwind.example",
    "en",
)
anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
texts = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], include_characters="\n\t"), max_size=300)  # the rest ends lines for the parser


def parsed(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, _class=EmailMessage, policy=default)
    assert isinstance(message, EmailMessage)
    assert message.defects == []
    return message


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body
    content: str = body.get_content()
    return content


@given(anything, anything, texts, texts)
def test_what_is_written_is_what_a_parser_reads(subject: str, name: str, text: str, html: str) -> None:
    raw = as_bytes(replace(PLAIN, subject=subject, sender_name=name, text=text, html=html + "."))
    message = parsed(raw)
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert raw.replace(b"\r\n", b"").count(b"\n") == raw.replace(b"\r\n", b"").count(b"\r") == 0
    assert raw.isascii()
    assert part(message, "plain").splitlines() == text.splitlines() or (not text.splitlines() and part(message, "plain").strip() == "")
    assert part(message, "html").splitlines() == (html + ".").splitlines()
    assert len(message.keys()) == len(set(message.keys())) == 8 + bool(message["Subject"])


@pytest.mark.parametrize("subject", ["Hello", "Wie geht's, Jürgen? 🙂 " * 6, "=?utf-8?q?tricks?=", "a" * 899])
@pytest.mark.parametrize("name", ["Northwind Records", 'Ann "A" B. & Söhne', "Smith, John", ""])
def test_headers_mean_the_same_as_the_standard_librarys(subject: str, name: str) -> None:
    oracle = EmailMessage(policy=SMTP.clone(max_line_length=998))
    oracle["Subject"] = subject.strip()
    oracle["From"] = Address(name, "care", "northwind.example")
    ours = parsed(as_bytes(replace(PLAIN, subject=subject, sender_name=name)))
    expected = message_from_bytes(oracle.as_bytes(), _class=EmailMessage, policy=default)
    assert ours["From"].addresses == expected["From"].addresses
    assert ours["Subject"] == subject.strip()


@given(texts)
def test_no_text_can_begin_a_header(text: str) -> None:
    raw = as_bytes(replace(PLAIN, subject=f"{text}\r\nBcc: evil@example.org\n\rX-Evil: 1\x00", sender_name=f"{text}\nX-Evil: 2"))
    names = set(parsed(raw).keys())
    assert not names & {"Bcc", "X-Evil"}


@pytest.mark.parametrize("value", ["a\r\nBcc: x", "a\nb", "a\x00b", "x" * 1000])
def test_a_header_that_cannot_go_on_the_wire_is_refused(value: str) -> None:
    with pytest.raises(BadHeader):
        as_bytes(replace(PLAIN, headers=(("X-Further", value),)))


def letter() -> bytes:
    mail = composer().compose(order())
    assert isinstance(mail, Mail)
    return mail.content


def test_one_click_unsubscribe_survives_as_raw_bytes_at_any_length() -> None:
    long = composer()
    links = replace(long.links, public_url="https://care.northwind.example/" + "x" * 300)
    mail = replace(long, links=links).compose(order())
    assert isinstance(mail, Mail)
    head = mail.content.split(b"\r\n\r\n")[0].split(b"\r\n")
    (unsubscribe,) = [line for line in head if line.startswith(b"List-Unsubscribe: ")]
    assert unsubscribe.startswith(b"List-Unsubscribe: <https://care.northwind.example/" + b"x" * 300 + b"/u/")
    assert unsubscribe.endswith(b">")
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in head


def test_a_letter_carries_what_mailbox_providers_ask_for_and_nothing_about_the_person() -> None:
    message = parsed(letter())
    assert message["Message-ID"] == f"<{order().command_id}@northwind.example>"
    assert message["From"] == "Northwind Records <care@northwind.example>"
    assert message["Reply-To"] == "hello@northwind.example"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Feedback-ID"] == "checkin-after-delivery:checkin:care:careloop"
    assert message["Date"].datetime.tzinfo is not None
    assert message["Content-Language"] == "en"


@pytest.mark.parametrize("address", ["", "ada", "ada@", "a da@example.org", "ada@example.org>\r\nRCPT TO:<x@y.z", "<ada@example.org>", "a@" + "b" * 300])
def test_what_is_no_address_is_a_recorded_failure(address: str) -> None:
    outcome = composer().compose(order(address=address))
    assert not isinstance(outcome, Mail)
    assert outcome.category == "address"
    assert "example.org" not in outcome.reason


def with_bounces(mailbox: str) -> Composer:
    plain = composer()
    return replace(plain, links=replace(plain.links, bounces=mailbox))


def test_a_letters_bounce_comes_back_to_an_address_that_names_the_letter_and_only_there() -> None:
    mail = with_bounces("bounces@northwind.example").compose(order())
    assert isinstance(mail, Mail)
    assert returned_letter(composer().links.keys, mail.envelope.sender) == order().command_id
    message = parsed(mail.content)
    assert message["From"] == "Northwind Records <care@northwind.example>"
    assert message["Message-ID"] == f"<{order().command_id}@northwind.example>"
    assert b"bounces" not in mail.content


def test_what_is_for_a_team_and_what_has_no_mailbox_for_bounces_comes_back_to_the_brand() -> None:
    for mail in (composer().compose(order()), with_bounces("bounces@northwind.example").compose(order(kind="alert", what="care"))):
        assert isinstance(mail, Mail)
        assert mail.envelope.sender == "care@northwind.example"


def test_a_mailbox_for_bounces_that_cannot_be_meant_is_refused_before_a_letter_is_written() -> None:
    with pytest.raises(ValueError, match="expected a mailbox"):
        with_bounces("a-name-that-is-much-too-long@northwind.example")
