"""Names of things: the same occasion always has the same ids, and no two occasions share one."""

import pytest
from care_contracts.identity import command_id, command_id_bytes, command_id_text, occasion
from hypothesis import given
from hypothesis import strategies as st

parts = st.tuples(st.text(), st.text(), st.text())


def test_a_command_id_never_changes() -> None:
    """Ids live in ledgers and in letters: a change of this value would send letters twice."""
    assert command_id(occasion("checkin", "c1", "A1"), "then.1") == command_id("checkin|c1|A1", "then.1") == "o3qvaqgoj4gvdjvkvl6bishpo4"


@given(parts, parts)
def test_different_parts_never_make_the_same_occasion(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    assert (occasion(*one) == occasion(*other)) == (one == other)


@given(st.text(), st.text())
def test_a_command_id_fits_into_addresses_urls_and_file_names(rule: str, step: str) -> None:
    the_id = command_id(rule, step)
    assert len(the_id) == 26
    assert the_id.isascii()
    assert the_id.isalnum()
    assert the_id == the_id.lower()


@given(st.binary(min_size=16, max_size=16))
def test_bytes_and_text_of_a_command_id_belong_together(raw: bytes) -> None:
    assert command_id_bytes(command_id_text(raw)) == raw


@pytest.mark.parametrize("text", ["", "short", "a" * 27, "A" * 26, "1" * 26, "a" * 25 + "b", "é" * 26])
def test_what_is_no_command_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a command id"):
        command_id_bytes(text)
