"""API keys: only digests are stored, and mistakes never repeat them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ingest.keys import PREFIX, api_keys, new_key
from ingest.problems import Refusal

KEY, ENTRY = new_key("shop")
KEYS = api_keys(ENTRY)


def test_a_new_key_is_known_by_its_entry() -> None:
    assert KEYS.name_of({"authorization": f"Bearer {KEY}"}) == "shop"
    assert KEYS.name_of({"x-api-key": KEY}) == "shop"


def test_no_two_keys_are_alike_and_the_entry_does_not_hold_the_key() -> None:
    assert new_key("shop")[0] != KEY
    assert KEY.startswith(PREFIX)
    assert KEY.removeprefix(PREFIX) not in ENTRY


def test_an_old_and_a_new_key_may_live_side_by_side() -> None:
    other, entry = new_key("shop")
    both = api_keys(f"{ENTRY}\n{entry}\n")
    assert {both.name_of({"x-api-key": key}) for key in (KEY, other)} == {"shop"}


@given(st.text(max_size=80).filter(lambda text: text.strip() != KEY))
def test_nothing_else_is_a_key(text: str) -> None:
    for headers in ({"authorization": f"Bearer {text}"}, {"authorization": text}, {"x-api-key": text}, {}):
        with pytest.raises(Refusal, match="no-api-key"):
            KEYS.name_of(headers)


@pytest.mark.parametrize(
    "text", ["", " , ", "shop", "shop:12", f"Shop:{'a' * 64}", f":{'a' * 64}", f"shop:{'g' * 64}", f"shop:{'a' * 64},shop:secret-by-mistake"]
)
def test_an_unfit_entry_is_named_by_its_number(text: str) -> None:
    with pytest.raises(ValueError, match="CARE_API_KEYS") as refused:
        api_keys(text)
    assert "secret-by-mistake" not in str(refused.value)


@pytest.mark.parametrize("name", ["", "Shop", "a b", "-a", "a" * 64, "a:b", "a,b"])
def test_a_name_is_plain(name: str) -> None:
    with pytest.raises(ValueError, match="expected a name"):
        new_key(name)
