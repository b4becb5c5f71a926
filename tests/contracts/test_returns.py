"""Return addresses: they name a letter, survive what mail servers do to addresses, and nobody else can make one."""

import pytest
from care_contracts.identity import command_id
from care_contracts.links import BadLink, LinkKeys, Use, link_keys
from care_contracts.returns import LONGEST_LOCAL_PART, return_address, returned_letter
from hypothesis import given
from hypothesis import strategies as st

LETTER = command_id("checkin|c1|A1", "then.1")
OLD, NEW = "1:an-old-secret-of-some-length", "2:a-new-secret-of-some-length"
KEYS = link_keys(OLD)
MAILBOX = "bounces@northwind.example"
ADDRESS = return_address(KEYS, MAILBOX, LETTER)


def test_a_return_address_leads_back_to_its_letter_in_any_case_and_anywhere() -> None:
    assert ADDRESS.startswith("bounces+")
    assert ADDRESS.endswith("@northwind.example")
    for text in (ADDRESS, ADDRESS.upper(), f"Return-Path: <{ADDRESS}>\r\n", f"x+{'a' * 44}@y {ADDRESS}"):
        assert returned_letter(KEYS, text) == LETTER


def test_it_fits_into_smtp_and_a_longer_mailbox_is_refused() -> None:
    assert len(return_address(KEYS, "a" * 19 + "@x.example", LETTER).partition("@")[0]) == LONGEST_LOCAL_PART
    for mailbox in ("a" * 20 + "@x.example", "@x.example", "bounces", ""):
        with pytest.raises(ValueError, match="expected a mailbox"):
            return_address(KEYS, mailbox, LETTER)


def test_after_a_rotation_letters_under_the_old_key_still_come_back() -> None:
    assert returned_letter(link_keys(f"{NEW},{OLD}"), ADDRESS) == LETTER
    with pytest.raises(BadLink):
        returned_letter(link_keys(NEW), ADDRESS)


@pytest.mark.parametrize("place", range(len("bounces+"), len("bounces+") + 43))
def test_no_changed_character_is_accepted(place: int) -> None:
    changed = "a" if ADDRESS[place] != "a" else "b"
    with pytest.raises(BadLink):
        returned_letter(KEYS, ADDRESS[:place] + changed + ADDRESS[place + 1 :])


def test_a_link_is_no_return_address() -> None:
    with pytest.raises(BadLink):
        returned_letter(KEYS, f"bounces+{KEYS.sign(Use.UNSUBSCRIBE, LETTER, 1)[:44]}@x.example")


@given(st.text(max_size=200) | st.from_regex(r"\+[a-z2-7]{44}@", fullmatch=True))
def test_no_text_at_all_is_accepted(text: str) -> None:
    with pytest.raises(BadLink):
        returned_letter(LinkKeys({1: b"another secret of some length"}, 1), text)
