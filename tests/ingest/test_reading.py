"""Reading JSON strictly: whatever the bytes, the answer is a value or a refusal."""

import json
import math
from typing import Any

import pytest
from care_contracts.problems import Problem
from hypothesis import given
from hypothesis import strategies as st
from ingest.problems import Refusal
from ingest.reading import oddities, read_json

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
)
keys = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=20)


def depth_of(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth_of, inner), default=0)


def at(value: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        value = value[int(key)] if isinstance(value, list) else value[key]
    return value


def refused(raw: bytes) -> Refusal | None:
    try:
        list(oddities(read_json(raw), 8))
    except Refusal as refusal:
        return refusal
    return None


@given(values)
def test_ordinary_json_is_read_as_it_is(value: Any) -> None:
    assert read_json(json.dumps(value).encode()) == value
    assert list(oddities(value, 100)) == []


@given(st.binary(max_size=200) | st.text('[]{}",:0123456789.eE+-truefalsn\\u \n').map(str.encode))
def test_any_bytes_give_a_value_or_a_refusal(raw: bytes) -> None:
    refusal = refused(raw)
    assert refusal is None or (refusal.kind.status == 400 and refusal.detail)


@given(st.dictionaries(keys, values), st.integers(1, 5))
def test_exactly_what_is_too_deep_is_found(value: Any, depth: int) -> None:
    found = list(oddities(value, depth))
    assert bool(found) == (depth_of(value) > depth)
    for problem in found:
        assert problem.pointer.count("/") == depth
        assert isinstance(at(value, problem.pointer), dict | list)


@given(values, st.sampled_from([math.nan, math.inf, -math.inf, 2**63, "\0", "\ud800"]), st.data())
def test_an_odd_value_is_found_wherever_it_hides(value: Any, odd: Any, data: st.DataObject) -> None:
    hidden = {"here": odd, "beside": value}
    for _ in range(data.draw(st.integers(0, 4))):
        hidden = data.draw(st.sampled_from([{"a/b": hidden, "~": 0}, {"": [value, hidden]}]))
    [problem] = oddities(hidden, 100)
    assert isinstance(problem, Problem)
    assert at(hidden, problem.pointer) is odd


@pytest.mark.parametrize("value", [3, "x", None])
def test_a_lonely_scalar_is_nothing_odd(value: Any) -> None:
    assert list(oddities(value, 1)) == []
