"""In whose words a command is carried out."""

from pathlib import Path

from care_contracts.clock import Clock
from care_contracts.links import LinkKeys
from care_contracts.playbooks import Version, encode_version
from outreach.delivery.composing import Mail
from outreach.delivery.letter import Links
from outreach.delivery.outcome import Category, Outcome
from outreach.delivery.voices import Voices
from outreach.playbook.files import version_of
from outreach.playbook.load import load_files
from outreach.playbook.versions import Versions

from tests.outreach.delivery.post_office import order

RULE = """id: checkin
why: To ask.
purpose: care
when: {event: order.placed}
then:
  - send: checkin
examples:
  - {name: asks, given: [{at: 2026-03-02 10:00, event: order.placed, order_id: A1}], expect: [{send: checkin}]}
  - {name: rests, given: [{at: 2026-03-02 10:00, event: chat.ended, chat_id: C1}], expect: nothing}
"""


def files(brand: str, words: str, more: str = "") -> dict[str, bytes]:
    texts = {
        "policy.yaml": f"brand: {{name: {brand}, from: care@{brand}.example}}\nlanguages: [en]\n{more}",
        "rules/checkin.yaml": RULE,
        "letters/checkin.md": f"---\nsubject: {words}\npreheader: Short.\n---\n{words}\n",
    }
    return {name: text.encode() for name, text in texts.items()}


def published(what: dict[str, bytes]) -> tuple[str, bytes]:
    return version_of(what), encode_version(Version(version_of(what), "", {name: content.decode() for name, content in what.items()}))


def voices(tmp_path: Path, own: dict[str, bytes]) -> Voices:
    folder = load_files(own)
    assert folder.errors == ()
    return Voices(Versions(folder, tmp_path), Links(LinkKeys({1: b"a secret of some length"}, 1), "https://care.northwind.example"), Clock())


async def mail(speaking: Voices, version: str) -> Mail | Outcome:
    composer = await speaking.of(version)
    assert composer
    return composer.compose(order(playbook=version))


async def test_words_and_sender_are_those_of_the_version_that_decided(tmp_path: Path) -> None:
    old, new = files("nord", "Old-words"), files("sud", "New-words")
    speaking = voices(tmp_path, old)
    speaking.versions.put(*published(old))
    speaking.versions.put(*published(new))
    for what, words, sender in ((old, b"Old-words", "care@nord.example"), (new, b"New-words", "care@sud.example")):
        composed = await mail(speaking, version_of(what))
        assert isinstance(composed, Mail)
        assert words in composed.content
        assert composed.envelope.sender == sender


async def test_whom_we_may_write_to_is_the_newest_versions_word_at_once(tmp_path: Path) -> None:
    open_wide, staging = files("nord", "Hi"), files("nord", "Hi", "send_only_to: ['*@nord.example']\n")
    speaking = voices(tmp_path, open_wide)
    assert isinstance(await mail(speaking, version_of(open_wide)), Mail)
    speaking.versions.put(*published(staging))
    refused = await mail(speaking, version_of(open_wide))
    assert isinstance(refused, Outcome)
    assert refused.category is Category.NOT_ALLOWED
    speaking.versions.put(*published(open_wide))
    assert isinstance(await mail(speaking, version_of(staging)), Mail)


async def test_a_version_that_nobody_knows_has_no_voice(tmp_path: Path) -> None:
    assert await voices(tmp_path, files("nord", "Hi")).of("0123456789abcdef") is None
