"""The table: what a mail server can do wrong, and the outcome that each must have."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from deploy.mail.scripted import DROP, HANG, Answer, Say, Script

_TLS = "smtp+starttls://{host}:{port}?ca={ca}"
_RESET = Say(then="reset")
_QUICK = 2.0  # seconds for an exchange, where the fault is that it takes longer
_TRICKLE = 0.01


class Wanted(Enum):
    """What must become of a message."""

    SENT = "sent at the first try"
    RETRIED = "certainly not sent, and sent once at the next try"
    ELSEWHERE = "not begun, and sent on another connection"
    REFUSED = "refused, and not tried again"
    FAILED = "nobody can send it here"
    IN_DOUBT = "in doubt, and kept for a person"
    WAITS = "not one word of it said as long as this lasts"


@dataclass(frozen=True, slots=True)
class Certificate:
    """For which address, and valid for how many days more."""

    address: str = "127.0.0.1"
    days: int = 1


@dataclass(frozen=True, slots=True)
class Fault:
    """One row. `category` is the ledger's; `url` is how the courier is told to connect; `seconds` is its patience for one exchange."""

    name: str
    script: Script
    wanted: Wanted
    category: str = ""
    url: str = "smtp://{host}:{port}"
    extensions: tuple[str, ...] = ("8BITMIME", "SIZE 10000000")
    always: bool = False
    seconds: float = 30
    address: str = "ada@example.org"
    certificate: Certificate | None = Certificate()
    tries: int = 1

    @property
    def tls(self) -> bool:
        """Whether the server has a certificate."""
        return self.certificate is not None and ("STARTTLS" in self.extensions or self.url.startswith("smtps"))


_LATER = ("421 4.3.2 closing", "450 4.2.0 greylisted", "451 4.3.0 trouble", "452 4.3.1 no room")
_NEVER: dict[str, tuple[tuple[str, str], ...]] = {
    "MAIL": (("550 5.7.1 not you", "policy"), ("552 5.3.4 too big", "content"), ("554 5.7.0 no", "policy"), ("550 no", "unclear")),
    "RCPT": (
        ("550 5.1.1 no such user", "address"),
        ("550 5.7.1 blocked", "policy"),
        ("552 5.2.2 mailbox full", "mailbox"),
        ("554 5.7.1 no", "policy"),
        ("550 no", "unclear"),
    ),
    "DATA": (("550 5.7.1 no", "policy"), ("552 5.2.2 mailbox full", "mailbox"), ("554 5.5.1 no valid recipients", "policy")),
    "DOT": (("550 5.7.1 looks like spam", "policy"), ("552 5.3.4 too big", "content"), ("554 5.6.0 malformed", "content")),
}


def faults() -> Mapping[str, tuple[Fault, ...]]:
    """Every row of the table, by the kind of the fault."""
    kinds = {
        "codes": _codes,
        "silences": _silences,
        "nonsense": _nonsense,
        "out of step": _out_of_step,
        "at the door": _at_the_door,
        "TLS and AUTH": _tls,
        "extensions": _extensions,
        "afterwards": _afterwards,
    }
    return {kind: tuple(rows()) for kind, rows in kinds.items()}


def _codes() -> Iterator[Fault]:
    for step, refusals in _NEVER.items():
        yield from (Fault(f"{step}: {line}", {step: line}, Wanted.RETRIED) for line in _LATER)
        yield from (Fault(f"{step}: {line}", {step: line}, Wanted.REFUSED, category) for line, category in refusals)


def _silences() -> Iterator[Fault]:
    """Before the final dot is certainly not sent; behind it nobody knows.

    A short letter is on its way, dot and all, before a server that has read a byte of it can go.
    """
    for step in ("MAIL", "RCPT", "DATA", "BODY", "DOT"):
        wanted = Wanted.IN_DOUBT if step in {"BODY", "DOT"} else Wanted.RETRIED
        yield Fault(f"{step}: connection closed", {step: DROP}, wanted)
        yield Fault(f"{step}: connection reset", {step: _RESET}, wanted)
        yield Fault(f"{step}: closed in the middle of the answer", {step: Say(b"25", then="close")}, wanted)
        if step != "BODY":
            yield Fault(f"{step}: silence", {step: HANG}, wanted, seconds=_QUICK)
            yield Fault(f"{step}: an answer that drips too long", {step: Say(b"250 " + b"x" * 1000 + b"\r\n", drip=_TRICKLE)}, wanted, seconds=_QUICK)
    yield Fault("DOT: 250 without a line end, then closed", {"DOT": Say(b"250 ok", then="close")}, Wanted.IN_DOUBT)
    yield Fault("DOT: first line of two, then closed", {"DOT": Say(b"250-queued\r\n", then="close")}, Wanted.IN_DOUBT)
    yield Fault("DOT: a late 250", {"DOT": Say(b"250 ok\r\n", late=0.3)}, Wanted.SENT)
    yield Fault("DOT: a 250 too late", {"DOT": Say(b"250 ok\r\n", late=_QUICK + 1)}, Wanted.IN_DOUBT, seconds=_QUICK)
    yield Fault("every answer drips", {step: Say(line, drip=_TRICKLE) for step, line in _DRIPPING.items()}, Wanted.SENT)


_DRIPPING = {"CONNECT": b"220 hi\r\n", "MAIL": b"250 ok\r\n", "RCPT": b"250 ok\r\n", "DATA": b"354 go\r\n", "DOT": b"250 ok\r\n"}


def _nonsense() -> Iterator[Fault]:
    long_line, endless = b"250 " + b"x" * 40_000 + b"\r\n", b"250-more\r\n" * 5_000
    babble: tuple[tuple[str, Answer], ...] = (
        ("words", "nonsense"),
        ("bytes", Say(b"\x00\xff\xfe\r\n")),
        ("a code that SMTP does not know", "999 what"),
        ("a line of 40,000 bytes", Say(long_line)),
        ("lines without end", Say(endless)),
    )
    for step in ("MAIL", "RCPT", "DATA", "DOT"):
        for name, answer in babble:
            yield Fault(f"{step}: {name}", {step: answer}, Wanted.IN_DOUBT if step == "DOT" else Wanted.RETRIED)
    yield Fault("MAIL: 354", {"MAIL": "354 go on"}, Wanted.RETRIED)
    yield Fault("DATA: 250", {"DATA": "250 ok"}, Wanted.RETRIED)
    yield Fault("DOT: 354", {"DOT": "354 go on"}, Wanted.IN_DOUBT)
    yield Fault("RCPT: 251, will forward", {"RCPT": "251 2.1.5 will forward"}, Wanted.SENT)
    yield Fault("DOT: 250 on two lines and in Latin-1", {"DOT": Say(b"250-gr\xfc\xdfe\r\n250 ok\r\n")}, Wanted.SENT)
    yield Fault("DOT: 250 with a bare line feed", {"DOT": Say(b"250 ok\n")}, Wanted.SENT)
    yield Fault("RCPT: a refusal whose words hold a code of success", {"RCPT": "550 5.1.1 250 2.0.0 ok"}, Wanted.REFUSED, "address")


def _out_of_step() -> Iterator[Fault]:
    """More answers than questions: one that was not asked for must not be taken for the next one's. What is refused is refused at the second try."""
    yield Fault(
        "MAIL: answered twice, and the recipient refused", {"MAIL": Say(b"250 ok\r\n250 ok\r\n"), "RCPT": "550 5.1.1 no"}, Wanted.REFUSED, "address", tries=2
    )
    yield Fault("RCPT: answered twice, and DATA refused", {"RCPT": Say(b"250 ok\r\n354 go on\r\n"), "DATA": "554 5.7.1 no"}, Wanted.REFUSED, "policy", tries=2)
    yield Fault(
        "DATA: 250 before the final dot, and refused behind it",
        {"DATA": Say(b"354 go on\r\n250 ok\r\n"), "DOT": "554 5.6.0 no"},
        Wanted.REFUSED,
        "content",
        tries=2,
    )
    yield Fault("DATA: 554 before the final dot", {"DATA": Say(b"354 go on\r\n554 5.7.1 no\r\n", then="close")}, Wanted.RETRIED)
    yield Fault("BODY: 554 before the final dot", {"BODY": "554 5.7.1 no"}, Wanted.REFUSED, "policy")
    yield Fault("RCPT: refused, and goodbye in the same breath", {"RCPT": Say(b"550 5.1.1 no\r\n421 bye\r\n", then="close")}, Wanted.REFUSED, "address")
    yield Fault("DOT: taken, and goodbye in the same breath", {"DOT": Say(b"250 ok\r\n421 bye\r\n", then="close")}, Wanted.SENT)
    yield Fault("DOT: answered twice", {"DOT": Say(b"250 ok\r\n250 ok\r\n")}, Wanted.SENT)


def _at_the_door() -> Iterator[Fault]:
    for step in ("CONNECT", "EHLO"):
        yield Fault(f"{step}: 421", {step: "421 4.3.2 too busy"}, Wanted.ELSEWHERE)
        yield Fault(f"{step}: connection closed", {step: DROP}, Wanted.ELSEWHERE)
        yield Fault(f"{step}: connection reset", {step: _RESET}, Wanted.ELSEWHERE)
        yield Fault(f"{step}: silence", {step: HANG}, Wanted.ELSEWHERE, seconds=_QUICK)
        yield Fault(f"{step}: nonsense", {step: Say(b"\x16\x03\x01 nonsense\r\n")}, Wanted.ELSEWHERE)
        yield Fault(f"{step}: 100,000 bytes", {step: Say(b"220 " + b"x" * 100_000 + b"\r\n")}, Wanted.ELSEWHERE)
    yield Fault("CONNECT: no SMTP here", {"CONNECT": "554 5.3.2 no SMTP here"}, Wanted.WAITS, always=True)
    yield Fault("CONNECT: a greeting on many lines", {"CONNECT": Say(b"220-a word\r\n" * 50 + b"220 and the last\r\n")}, Wanted.SENT)
    yield Fault("EHLO: 502, only HELO is known", {"EHLO": "502 5.5.1 what"}, Wanted.SENT, always=True)


def _tls() -> Iterator[Fault]:
    """Nothing is said in the clear where the courier was told to speak TLS."""
    with_tls, login = ("8BITMIME", "STARTTLS"), "smtp+starttls://someone:secret@{host}:{port}?ca={ca}"
    yield Fault("STARTTLS: as it should be", {}, Wanted.SENT, url=_TLS, extensions=with_tls)
    yield Fault("STARTTLS: stripped from the offer", {}, Wanted.WAITS, url=login, always=True)
    yield Fault("STARTTLS: 454", {"STARTTLS": "454 4.7.0 not now"}, Wanted.ELSEWHERE, url=_TLS, extensions=with_tls)
    yield Fault("STARTTLS: 502 always", {"STARTTLS": "502 5.5.1 what"}, Wanted.WAITS, url=login, extensions=with_tls, always=True)
    yield Fault("STARTTLS: closed", {"STARTTLS": DROP}, Wanted.ELSEWHERE, url=_TLS, extensions=with_tls)
    yield Fault("STARTTLS: closed instead of a handshake", {"STARTTLS": Say(b"220 go\r\n", then="close")}, Wanted.ELSEWHERE, url=_TLS, extensions=with_tls)
    yield Fault("STARTTLS: agreed, and gone on in the clear", {}, Wanted.WAITS, url=login, extensions=with_tls, always=True, certificate=None)
    injected = Say(b"220 go on\r\n250 ok\r\n250 ok\r\n")
    yield Fault("STARTTLS: answers injected before the handshake", {"STARTTLS": injected}, Wanted.SENT, url=_TLS, extensions=with_tls)
    for name, wrong in (("for another machine", Certificate("127.0.0.2")), ("out of date", Certificate(days=-1))):
        yield Fault(f"TLS: a certificate {name}", {}, Wanted.WAITS, url=_TLS, extensions=with_tls, always=True, certificate=wrong)
        yield Fault(f"smtps: a certificate {name}", {}, Wanted.WAITS, url="smtps://{host}:{port}?ca={ca}", always=True, certificate=wrong)
    yield Fault("TLS: a certificate that nobody trusts", {}, Wanted.WAITS, url="smtp+starttls://{host}:{port}", extensions=with_tls, always=True)
    local = "smtp://someone:secret@{host}:{port}"
    plain = ("AUTH PLAIN",)
    yield Fault("AUTH: 535", {"AUTH": "535 5.7.8 who"}, Wanted.WAITS, url=local, extensions=plain, always=True)
    yield Fault("AUTH: 454 once", {"AUTH": "454 4.7.0 not now"}, Wanted.ELSEWHERE, url=local, extensions=plain)
    yield Fault("AUTH: not offered", {}, Wanted.WAITS, url=local, always=True)
    yield Fault("AUTH: a challenge that is no base64", {"AUTH": "334 !!!"}, Wanted.WAITS, url=local, extensions=("AUTH CRAM-MD5",), always=True)


def _extensions() -> Iterator[Fault]:
    yield Fault("8BITMIME missing", {}, Wanted.SENT, extensions=())
    yield Fault("SMTPUTF8 missing", {}, Wanted.FAILED, "unsupported", address="jürgen@bücher.example")
    yield Fault("SMTPUTF8 offered and refused", {"MAIL": "553 5.6.7 no"}, Wanted.REFUSED, "content", extensions=("SMTPUTF8",), address="jürgen@bücher.example")
    yield Fault("SIZE too small for any letter", {"MAIL": "552 5.3.4 too big"}, Wanted.REFUSED, "content", extensions=("SIZE 10",))
    yield Fault("PIPELINING offered and not meant", {"MAIL": Say(b"250 ok\r\n", late=0.05)}, Wanted.SENT, extensions=("PIPELINING",))
    yield Fault("pipelined commands refused", {"RCPT": "503 5.5.1 improper pipelining"}, Wanted.REFUSED, "policy", extensions=("PIPELINING",))


def _afterwards() -> Iterator[Fault]:
    gone = "550 5.1.1 no such user"
    yield Fault("RSET: closed", {"RCPT": gone, "RSET": DROP}, Wanted.REFUSED, "address")
    yield Fault("RSET: 500", {"RCPT": gone, "RSET": "500 5.5.1 what"}, Wanted.REFUSED, "address")
    yield Fault("RSET: silence", {"RCPT": gone, "RSET": HANG}, Wanted.REFUSED, "address", seconds=_QUICK)
    yield Fault("DOT: taken, then closed", {"DOT": Say(b"250 ok\r\n", then="close")}, Wanted.SENT)
    yield Fault("QUIT: silence", {"QUIT": HANG}, Wanted.SENT)
    yield Fault("QUIT: closed", {"QUIT": DROP}, Wanted.SENT)
