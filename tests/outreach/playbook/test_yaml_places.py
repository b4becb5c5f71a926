"""Where a character of a text stands in its file: the YAML library writes and folds, we find each character again."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from outreach.playbook.yaml_places import place_inside
from outreach.playbook.yaml_text import parse

words = st.lists(st.text(st.sampled_from("ab&|<>'\"\\()ü€\U0001f642.#:"), min_size=1, max_size=9), min_size=1, max_size=30)
gaps = st.sampled_from([" ", " ", "  ", "\n", "\n\n", " \n", "\n  "])


@st.composite
def texts(draw: Any) -> str:
    return "".join(word + draw(gaps) for word in draw(words)).strip()


@pytest.mark.parametrize("style", [None, "'", '"', "|", ">"])
@given(value=texts(), width=st.sampled_from([20, 60, 1000]), unicode=st.booleans())
def test_every_character_is_found_where_it_stands(style: Any, value: Any, width: Any, unicode: Any) -> None:
    text = yaml.dump({"why": "x", "then": [{"if": value}]}, default_style=style, width=width, allow_unicode=unicode, sort_keys=False)
    node = parse(text).value["then"].value[0].value["if"]
    assert node.value == value
    lines = text.split("\n")
    places = [place_inside(text, node.place, value, column) for column, character in enumerate(value, 1) if not character.isspace()]
    found = [lines[line - 1][column - 1] for line, column in places]
    assert all(one in (two, "\\") for one, two in zip(found, (character for character in value if not character.isspace()), strict=True))
    assert places == sorted(set(places))


@pytest.mark.parametrize(
    ("text", "value", "column", "place"),
    [
        ("if: abc", "abc", 4, (1, 8)),
        ("if: 'a''b'", "a'b", 3, (1, 9)),
        ('if: "a\\x62c"', "abc", 3, (1, 11)),
        ("if: >-  # folded\n\n    ab\n    cd\n", "\nab cd", 5, (4, 5)),
        ("if: !tag ab", "ab", 2, (1, 11)),
    ],
)
def test_a_place_behind_what_is_written_longer_than_it_is(text: Any, value: Any, column: Any, place: Any) -> None:
    assert place_inside(text, (1, 5), value, column) == place
