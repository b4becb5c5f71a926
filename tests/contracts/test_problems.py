"""Problems: pointers that lead to the place, values that are described and not repeated."""

from typing import Any

import pytest
from care_contracts.problems import closest, pointer, shape_of, spelled
from hypothesis import given
from hypothesis import strategies as st


def follow(place: str) -> list[str]:
    """The parts of a JSON pointer, as RFC 6901 section 4 reads it."""
    return [part.replace("~1", "/").replace("~0", "~") for part in place.split("/")[1:]]


@given(st.lists(st.text() | st.integers(0, 10**6)))
def test_a_pointer_leads_back_to_its_parts(parts: list[str | int]) -> None:
    assert follow(pointer(*parts)) == [str(part) for part in parts]


def test_tildes_and_slashes_are_escaped_in_the_right_order() -> None:
    assert pointer("a~1b", "c/d", "~") == "/a~01b/c~1d/~0"


def test_the_whole_has_the_empty_pointer() -> None:
    assert pointer() == ""


@given(st.text(min_size=12).filter(lambda text: text not in "an object with 12 keys"))
def test_a_description_never_repeats_a_text(text: str) -> None:
    assert text not in shape_of(text)
    assert text not in shape_of([text])
    assert text not in shape_of({text: text})


@pytest.mark.parametrize(
    ("value", "words"), [(None, "null"), (True, "true"), (3, "a number"), ("x", "text of 1 character"), ({}, "an object with 0 keys"), ([1, 2], "a list of 2")]
)
def test_a_description_tells_kind_and_size(value: Any, words: str) -> None:
    assert shape_of(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [("gbp", '"gbp"'), (7, "7"), ("anna@home.example", "text of 17 characters"), ("Anna Smith", "text of 10 characters"), ("x" * 41, "text of 41 characters")],
)
def test_only_harmless_values_are_repeated(value: Any, words: str) -> None:
    assert spelled(value) == words


def test_a_word_that_resembles_nothing_gets_no_suggestion() -> None:
    assert closest("zebra", ["type", "time"]) == ""
    assert closest("tpye", ["type", "time"]) == 'did you mean "type"?'
    assert closest("x" * 1000, ["x"]) == ""
    assert closest(3, ["3"]) == ""
