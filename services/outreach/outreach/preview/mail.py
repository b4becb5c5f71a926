"""The mail as it would go over the wire, taken apart again for people: headers, text, HTML, sizes, links, and what is worth knowing."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import PurePosixPath

from care_contracts.clock import Clock
from care_contracts.links import LinkKeys
from care_contracts.records import Command

from outreach.delivery.composing import Composer, Mail
from outreach.delivery.letter import Links, letter_context
from outreach.letters import LetterError
from outreach.playbook.load import Folder
from outreach.playbook.problems import Problem
from outreach.preview.links import Link, Signed, check_links
from outreach.preview.occasions import NotShown, occasion
from outreach.preview.samples import Sample

CLIPPED_AT = 102 * 1024  # bytes of HTML beyond which Gmail hides the rest
NEARLY_CLIPPED = 90 * 1024
KEYS = LinkKeys({0: b"previews open no door"}, 0)  # nobody else has this key: a link from a preview works nowhere


@dataclass(frozen=True, slots=True)
class Shown:
    """A letter as one customer gets it. `error` says why it cannot be rendered; the rest is empty then. Sizes in bytes."""

    letter: str
    language: str = ""
    subject: str = ""
    preheader: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    text: str = ""
    html: str = ""
    size_html: int = 0
    size_mail: int = 0
    links: tuple[Link, ...] = ()
    notes: tuple[str, ...] = ()
    error: str = ""
    command: Command | None = field(default=None, repr=False)


def letter_names(folder: Folder) -> list[str]:
    """Every letter that is written, those with mistakes included."""
    broken = {name_of(problem.file) for problem in folder.problems if problem.file.startswith("letters/") and not problem.file.endswith(".html")}
    return sorted({*folder.letters.written, *broken})


def name_of(file: str) -> str:
    """The letter that a file belongs to."""
    return PurePosixPath(file).name.partition(".")[0]


def problems_of(letter: str, folder: Folder) -> list[Problem]:
    """What lint says about the letter's files."""
    return [problem for problem in folder.problems if problem.file.startswith("letters/") and name_of(problem.file) == letter]


def show(letter: str, sample: Sample, folder: Folder, public_url: str, language: str = "") -> Shown:
    """The letter for the sample's customer; `language` is another one than the customer's."""
    try:
        found = occasion(letter, sample, folder.playbook, language)
    except NotShown as error:
        return Shown(letter, error=str(error))
    command, links = found.command, Links(KEYS, public_url)
    composer = Composer(folder.playbook.policy, folder.letters, links, Clock(command.at, speed=0))
    mail = composer.compose(command)
    if not isinstance(mail, Mail):
        return Shown(letter, error=mail.reason, command=command)
    rendered = folder.letters.render(letter, command.language, letter_context(command, links.of(command)))
    shown = _taken_apart(Shown(letter, rendered.language, preheader=rendered.preheader, command=command), mail.content)
    shown = replace(shown, links=check_links(shown.html, shown.text, Signed(KEYS, public_url, command.command_id, command.at)))
    return replace(shown, notes=(*sample.notes, *([found.note] if found.note else []), *_notes(shown, command, folder)))


def _taken_apart(shown: Shown, raw: bytes) -> Shown:
    message = message_from_bytes(raw, _class=EmailMessage, policy=default)
    if not isinstance(message, EmailMessage):
        raise TypeError("expected the standard library to make an EmailMessage")
    headers = tuple((name, str(value)) for name, value in message.items())
    parts = {kind: body.get_content() if (body := message.get_body((kind,))) else "" for kind in ("plain", "html")}
    size = len(parts["html"].encode())
    return replace(shown, subject=str(message["Subject"]), headers=headers, text=parts["plain"], html=parts["html"], size_html=size, size_mail=len(raw))


def _notes(shown: Shown, command: Command, folder: Folder) -> Iterator[str]:
    if missing := missing_languages(shown.letter, folder):
        yield f"missing in {', '.join(missing)}"
    if command.language.partition("-")[0].lower() != shown.language.partition("-")[0]:
        yield f"there is no letter in {command.language}: shown in {shown.language}"
    if shown.size_html > NEARLY_CLIPPED:
        yield f"the HTML is {kilobytes(shown.size_html)}: Gmail cuts letters off at {kilobytes(CLIPPED_AT)}"
    if folder.playbook.policy.send_only_to:
        yield "policy.yaml lets mail go only to the addresses in send_only_to"
    yield from (f"{link.address}: {link.problem}" for link in shown.links if link.problem)


def missing_languages(letter: str, folder: Folder) -> list[str]:
    """The policy's languages that the letter is not written in."""
    return [language for language in folder.playbook.policy.languages if language not in folder.letters.written.get(letter, {})]


def kilobytes(size: int) -> str:
    """`12.3 KB`."""
    return f"{size / 1024:.1f} KB"


def first_sent(letter: str, found: list[Sample], folder: Folder) -> Sample:
    """The first sample whose customer would really get the letter, else the first."""
    return next((sample for sample in found if _is_sent(letter, sample, folder)), found[0])


def _is_sent(letter: str, sample: Sample, folder: Folder) -> bool:
    try:
        return not occasion(letter, sample, folder.playbook).note
    except (NotShown, LetterError):
        return False
