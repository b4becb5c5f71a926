"""What came back is understood in the shapes in which mail servers write it, and hostile mail costs little."""

import time
from pathlib import Path

import pytest
from care_contracts.clock import DAY_MS, Clock
from care_contracts.links import Use
from care_contracts.returns import return_address
from feedback.returned.faults import Fault, fault_of, status_in
from feedback.returned.news import Bounced, Complained, Ignored, News, Replied
from feedback.returned.origin import Origin
from feedback.returned.reading import read_returned

from tests.feedback.stage import KEYS, NOW, letter

MAILS = Path(__file__).parent / "mails"
ORIGIN = Origin(KEYS, Clock(NOW, speed=0))
LETTER = letter().command_id
RETURN = return_address(KEYS, "bounces@northwind.example", LETTER)


def mail(name: str, *, signed: bool = True) -> bytes:
    """A message as a mail server hands it in; unsigned, it is one that somebody made up."""
    token = KEYS.sign(Use.UNSUBSCRIBE, LETTER, NOW + DAY_MS)
    text = (MAILS / f"{name}.eml").read_text().replace("COMMAND-ID", LETTER)
    text = text.replace("RETURN-ADDRESS", RETURN if signed else f"bounces+{'a' * 44}@northwind.example")
    return text.replace("UNSUBSCRIBE-TOKEN", token if signed else "A" * 51).replace("\n", "\r\n").encode()


def read(raw: bytes, recipient: str = "", sender: str | None = None) -> News | Ignored:
    return read_returned(raw, [recipient], ORIGIN, sender)


@pytest.mark.parametrize(
    ("name", "fault", "status"),
    [
        ("postfix", Fault.HARD, "5.1.1"),
        ("exim", Fault.HARD, "5.1.1"),
        ("exchange", Fault.HARD, "5.1.10"),
        ("gmail", Fault.SOFT, "5.2.2"),
        ("gmail-policy", Fault.POLICY, "5.7.26"),
        ("qmail", Fault.HARD, "5.1.1"),
        ("exchange-of-old", Fault.SOFT, "the"),
        ("qmail-too-long", Fault.SOFT, "4.4.1"),
    ],
)
def test_a_bounce_is_understood_in_every_known_shape(name: str, fault: Fault, status: str) -> None:
    told = read(mail(name))

    assert isinstance(told, Bounced)
    assert (told.command_id, told.fault, told.reason.split()[0]) == (LETTER, fault, status)
    assert "@" not in told.reason


@pytest.mark.parametrize("name", ["postfix", "exim", "exchange", "gmail", "qmail", "arf-abuse"])
def test_what_we_did_not_sign_is_believed_of_nobody(name: str) -> None:
    assert read(mail(name, signed=False)) is Ignored.UNPROVEN


def test_the_envelopes_recipient_or_a_returned_link_is_proof_enough() -> None:
    unsigned = mail("postfix", signed=False)
    linked = unsigned.replace(b"A" * 51, KEYS.sign(Use.UNSUBSCRIBE, LETTER, NOW + DAY_MS).encode())

    for told in (read(unsigned, RETURN), read(unsigned, RETURN.upper()), read(linked)):
        assert isinstance(told, Bounced)
        assert told.command_id == LETTER


def test_a_link_for_another_use_or_too_old_proves_nothing() -> None:
    for token in (KEYS.sign(Use.SURVEY, LETTER, NOW + DAY_MS), KEYS.sign(Use.UNSUBSCRIBE, LETTER, NOW - DAY_MS)):
        assert read(mail("postfix", signed=False).replace(b"A" * 51, token.encode())) is Ignored.UNPROVEN


def test_a_complaint_a_delay_and_other_reports_are_told_apart() -> None:
    assert read(mail("arf-abuse")) == Complained(LETTER)
    assert read(mail("kundenserver-delayed")) is Ignored.DELAYED
    assert read(mail("arf-not-spam")) is Ignored.OTHER_REPORT
    assert read(mail("postfix-delayed")) is Ignored.DELAYED
    assert read(mail("postfix").replace(b"Action: failed", b"Action: relayed")) is Ignored.DELIVERED


def test_a_persons_reply_counts_and_a_machines_does_not() -> None:
    reply = read(mail("reply", signed=False), sender="ada@example.org")

    assert isinstance(reply, Replied)
    assert reply.command_id == LETTER
    assert read(mail("reply")) == reply
    assert read(mail("reply").replace(b"CAF1x2y3z", b"CAF9")) != reply
    for mark in (b"Auto-Submitted: auto-replied", b"Precedence: bulk", b"X-Autoreply: yes", b"List-Id: <x.example>", b"Return-Path: <>"):
        assert read(mark + b"\r\n" + mail("reply").replace(b"Return-Path: <ada@example.org>\r\n", b"")) is Ignored.AUTOMATIC
    assert read(mail("reply"), sender="") is Ignored.AUTOMATIC
    assert isinstance(read(b"Auto-Submitted: no\r\n" + mail("reply")), Replied)
    assert read(mail("reply").replace(b"Subject: Re:", b"Subject: Out of office:")) is Ignored.AUTOMATIC


def test_an_out_of_office_note_is_no_bounce_whatever_its_words() -> None:
    assert read(mail("out-of-office"), RETURN, "") is Ignored.AUTOMATIC


def test_mail_that_answers_no_letter_is_nobodys_reply() -> None:
    assert read(b"From: x@example.org\r\nSubject: cheap watches\r\n\r\nBuy!\r\n") is Ignored.UNRELATED


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("550 5.1.1 user unknown", Fault.HARD),
        ("550 5.1.2 host unknown", Fault.HARD),
        ("550 5.2.1 mailbox disabled", Fault.HARD),
        ("450 4.1.1 not yet", Fault.SOFT),
        ("550 5.1.1 your message looks like spam", Fault.POLICY),
        ("550 5.1.8 sender rejected", Fault.POLICY),
        ("552 5.2.2 over quota", Fault.SOFT),
        ("552 5.2.3 too large", Fault.CONTENT),
        ("554 5.3.4 too large", Fault.CONTENT),
        ("554 5.3.0 out of order", Fault.SYSTEM),
        ("5.4.4 no route", Fault.SOFT),
        ("5.4.6 loop", Fault.SYSTEM),
        ("554 5.5.2 syntax", Fault.SYSTEM),
        ("554 5.6.0 not MIME", Fault.CONTENT),
        ("550 5.7.1 refused", Fault.POLICY),
        ("550 blocked by a blocklist", Fault.POLICY),
        ("550 no", Fault.SOFT),
        ("550 from 10.5.1.1 no", Fault.SOFT),
        ("550 from 5.1.1.9 no", Fault.SOFT),
    ],
)
def test_whose_fault_it_was(said: str, fault: Fault) -> None:
    assert fault_of(status_in(said), said) is fault


def _nested(depth: int) -> bytes:
    return b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (at, at) for at in range(depth))


BOMBS = {
    "nesting": _nested(3000),
    "shallow nesting": _nested(19) + b"line\r\n" * 100_000,
    "parts": b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\n\r\n\r\n" * 100_000,
    "reports": b"Content-Type: message/delivery-status\r\n\r\n" + b"Action: failed\r\n\r\n" * 100_000,
    "parameters": b"Content-Type: multipart/report; " + b'a=";";' * 100_000 + b"\r\n\r\n",
    "folded parameters": b"Content-Type: multipart/report; " + b'a=";";\r\n ' * 100_000 + b"\r\n\r\n",
    "continued parameters": b"Content-Type: multipart/report;" + b"".join(b" x*%d=a;\r\n" % at for at in range(50_000)) + b"\r\n\r\n",
    "encoded words": b"Subject: " + b"=?utf-8?q?a?= " * 100_000 + b"\r\n\r\n",
    "messages": b"Content-Type: message/rfc822\r\n\r\n" * 20_000,
    "tokens": b"Subject: x\r\n\r\n" + f"bounces+{'a' * 44}@x ".encode() * 20_000,
    "digits": b"From: mailer-daemon@x\r\n\r\n" + b"5.1" * 1_000_000,
    "addresses": b"From: mailer-daemon@x\r\n\r\nnot yet been delivered\r\n" + b"a@" * 1_000_000,
    "lines of addresses": b"From: mailer-daemon@x\r\n\r\ndid not reach the following recipient\r\n" + (b"a@" * 900 + b" on \r\n") * 2000,
    "angles": b"From: mailer-daemon@x\r\n\r\nHi. This is the\r\n\r\n" + b"<" * 200_000,
    "spaces": b"From: mailer-daemon@x\r\n\r\n" + (b"the following addresses had permanent fatal errors" + b" " * 1900 + b"\r\n") * 100,
    "ids": b"In-Reply-To: " + b"<" * 500_000 + b"\r\n\r\n",
    "zeros": b"\0" * 3_000_000,
    "charset": b'Content-Type: text/plain; charset="\xff\xfe\0"\r\nContent-Transfer-Encoding: base64\r\nFrom: mailer-daemon@x\r\n\r\n!!!!',
    "nothing": b"",
}


@pytest.mark.parametrize("name", BOMBS)
def test_hostile_mail_ends_quickly_and_says_nothing(name: str) -> None:
    before = time.process_time()

    told = read(BOMBS[name], sender="")

    assert isinstance(told, Ignored)
    assert time.process_time() - before < 2


def test_what_no_mail_program_builds_is_not_even_taken_apart() -> None:
    assert [read(_nested(depth)) for depth in (20, 21, 300, 3000)] == [Ignored.UNRELATED, *[Ignored.UNREADABLE] * 3]


@pytest.mark.parametrize("name", ["postfix", "exchange", "arf-abuse", "qmail"])
def test_a_message_cut_or_broken_anywhere_never_fails(name: str) -> None:
    raw = mail(name)
    for at in range(0, len(raw), 61):
        for broken in (raw[:at], raw[:at] + b"\xff\0\r\n--" + raw[at:], raw[at:]):
            assert isinstance(read(broken, RETURN), News | Ignored)
