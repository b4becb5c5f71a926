"""Signed links: made by us, for one use, for a while; nobody else can make one."""

import pytest
from care_contracts.identity import command_id
from care_contracts.links import HOUR_MS, BadLink, ExpiredLink, LinkKeys, Use, link_keys
from hypothesis import given
from hypothesis import strategies as st

NOW = 1_772_445_600_000
LATER = NOW + 90 * 24 * HOUR_MS
LETTER = command_id("checkin|c1|A1", "then.1")
OLD, NEW = "1:an-old-secret-of-some-length", "2:a-new-secret-of-some-length"
KEYS = link_keys(OLD)
TOKEN = KEYS.sign(Use.SURVEY, LETTER, LATER)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def test_a_link_leads_back_to_its_letter() -> None:
    assert KEYS.open(Use.SURVEY, TOKEN, NOW) == LETTER


def test_a_token_is_short_enough_for_a_letter() -> None:
    assert len(TOKEN) <= 60
    assert set(TOKEN) <= set(ALPHABET)


@pytest.mark.parametrize("use", [use for use in Use if use is not Use.SURVEY])
def test_a_link_opens_no_other_door(use: Use) -> None:
    with pytest.raises(BadLink):
        KEYS.open(use, TOKEN, NOW)


def test_a_link_ends_within_the_hour_after_its_time() -> None:
    assert KEYS.open(Use.SURVEY, TOKEN, LATER - 1) == LETTER
    with pytest.raises(ExpiredLink):
        KEYS.open(Use.SURVEY, TOKEN, LATER + HOUR_MS)


def test_after_a_rotation_old_links_still_work_and_new_ones_use_the_new_key() -> None:
    rotated = link_keys(f"{NEW},{OLD}")
    assert rotated.open(Use.SURVEY, TOKEN, NOW) == LETTER
    with pytest.raises(BadLink):
        KEYS.open(Use.SURVEY, rotated.sign(Use.SURVEY, LETTER, LATER), NOW)


def test_a_retired_key_opens_nothing() -> None:
    with pytest.raises(BadLink):
        link_keys(NEW).open(Use.SURVEY, TOKEN, NOW)


@pytest.mark.parametrize("place", range(len(TOKEN)))
def test_no_token_with_a_changed_character_is_accepted(place: int) -> None:
    """Also not the last one, of which two bits belong to nothing: a token has one spelling."""
    for character in set(ALPHABET) - {TOKEN[place]}:
        with pytest.raises(BadLink):
            KEYS.open(Use.SURVEY, TOKEN[:place] + character + TOKEN[place + 1 :], NOW)


@given(st.data())
def test_no_token_with_flipped_bits_cut_or_grown_is_accepted(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(TOKEN)))
    end = data.draw(st.integers(start, len(TOKEN)))
    forged = TOKEN[:start] + data.draw(st.text(ALPHABET + "=+/ \n", max_size=8)) + TOKEN[end:]
    if forged != TOKEN:
        with pytest.raises(BadLink):
            KEYS.open(Use.SURVEY, forged, NOW)


@given(st.text(max_size=80))
def test_no_text_at_all_is_accepted_as_a_token(text: str) -> None:
    with pytest.raises(BadLink):
        KEYS.open(Use.SURVEY, text, NOW)


@given(st.binary(min_size=16, max_size=40).filter(lambda secret: secret != KEYS.keys[1]))
def test_a_token_under_another_secret_is_refused(secret: bytes) -> None:
    forged = LinkKeys({1: secret}, 1).sign(Use.SURVEY, LETTER, LATER)
    with pytest.raises(BadLink):
        KEYS.open(Use.SURVEY, forged, NOW)


@pytest.mark.parametrize("text", ["", " , ", "1", "1:short", "256:a-secret-of-some-length", "x:a-secret-of-some-length", f"{OLD},{OLD}"])
def test_unfit_keys_are_refused_without_repeating_a_secret(text: str) -> None:
    with pytest.raises(ValueError, match="link key") as refused:
        link_keys(text)
    assert "secret-of" not in str(refused.value)
