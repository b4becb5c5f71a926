"""A customer's record: small, whole, and readable by the code that comes after."""

import zlib
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import msgspec
import pytest
from outreach.core.customer import VERSION, Customer, History, Instance, Sent, Task
from outreach.stream import layout
from outreach.stream.codec import DEFLATED_BEYOND, Stored, decode, encode, pack

DAY = 86_400_000
JANUARY = 1_767_225_600_000
RECORDED = Path(__file__).with_name("recorded") / "customer-1.msgpack"
RUNNING = Instance("tips", "o-2", JANUARY, JANUARY + 45 * DAY, JANUARY + 45 * DAY, "1")
ASKING = Instance(
    *("checkin", "o-3", JANUARY + 30 * DAY, JANUARY + 37 * DAY, JANUARY + 37 * DAY, "2"),
    trigger={"type": "order.delivered", "id": "e9", "time": JANUARY + 30 * DAY, "items": [{"sku": "a"}]},
    answer={"type": "survey.answered", "score": 2},
    stops=["0"],
    held_by="quiet_hours",
    letter_command="a1b2c3",
    not_before=JANUARY,
    version="2de9f58962f02425",
    reward={"coupon": {"pool": "spring", "reward_id": "r1"}},
)
TRAITS = {"email": "ann@example.com", "language": "de", "vip": True, "age": 41}
ORDERS = [(JANUARY, 2, {"total": 99.9}), (JANUARY + 30 * DAY, 1, {"total": 12.0, "points": 3.0})]


ANN = Stored(  # everything is known of her that can be; the recorded record of version 1 is hers
    JANUARY + 41 * DAY,
    Customer(
        *("customer-7", VERSION, JANUARY + 40 * DAY, JANUARY),
        traits=TRAITS,
        told_at=dict.fromkeys(TRAITS, JANUARY),
        consents={"care": True, "marketing": False},
        consents_at={"care": JANUARY, "marketing": JANUARY + DAY},
        history={
            "order.placed": History(JANUARY, JANUARY + 30 * DAY, 3, ORDERS, {"order_id": "o-3", "total": 12.0}),
            "customer.created": History(JANUARY, JANUARY, 1, [(JANUARY, 1, {})], {"email": "ann@example.com"}),
        },
        poor=[JANUARY + DAY],
        good=[JANUARY + 2 * DAY, JANUARY + 3 * DAY],
        spent=111.9,
        points=40,
        scores={"csat": 2.0},
        low_scores=[JANUARY + DAY],
        open_tickets={"t-1": JANUARY + DAY},
        closed={"ticket t-0": JANUARY},
        tasks={"0b1c2d3e4f506172": Task("unhappy", "o-3", "1", JANUARY + 41 * DAY, "leads", "look after them", "2de9f58962f02425")},
        tags=["regular"],
        seen=[1, 2**63 - 1, 1927195524224266435],
        instances=[ASKING, RUNNING],
        occasions={"checkin": [5070009993004467115, 4283275369497110295], "tips": [1]},
        last_start={"checkin": JANUARY + 30 * DAY, "tips": JANUARY},
        sent=[Sent(JANUARY + 31 * DAY, "care", "checkin", "a1b2c3"), Sent(JANUARY + 32 * DAY, "marketing", "tips", "d4", shadow=True)],
        edges={"at-risk": True},
        known={"at-risk": "6f2e3a07d4911048"},
        timers={"at-risk": JANUARY + 50 * DAY},
        unreachable=["old@example.com"],
    ),
    4,
)


def busy() -> Stored:
    """Somebody after a great many deliveries."""
    entries = [(JANUARY + 977 * number, 1, {"total": 0.37 * number}) for number in range(64)]
    return Stored(1, Customer("c1", history={f"order.{number}": History(JANUARY, JANUARY + DAY, 64, entries, {}) for number in range(9)}))


def test_what_is_written_is_read_again_with_every_field() -> None:
    filled = [field.name for field in fields(Customer) if getattr(ANN.customer, field.name) != (field.default if field.default is not MISSING else [])]
    assert set(filled) >= {field.name for field in fields(Customer)} - {"version", "erased", "stirred"}, "somebody of whom everything is known"
    for each in (ANN, Stored(None, Customer("c2", erased=True)), Stored(None, Customer("c2", stirred=True))):
        assert decode(encode(each)) == each


@pytest.mark.parametrize("row", [History, Instance, Sent, Task, Customer, Stored])
def test_every_field_of_the_core_has_its_place_in_the_row(row: Any) -> None:
    assert set(getattr(layout, row.__name__).__struct_fields__) == {field.name for field in fields(row)}


def test_a_record_that_an_older_version_wrote_is_read_and_written_as_ours() -> None:
    """Written by version 1, before the records were arrays."""
    recorded = RECORDED.read_bytes()
    assert decode(recorded) == ANN
    assert len(encode(decode(recorded))) < len(recorded) * 0.65


def test_a_large_record_is_deflated_and_read_again() -> None:
    large = encode(busy())
    assert len(pack(busy())) > DEFLATED_BEYOND > 0
    assert large == zlib.compress(pack(busy()), 1)
    assert decode(large) == busy()


def test_a_field_that_came_later_has_its_default_in_the_records_from_before() -> None:
    longer = msgspec.defstruct("Sent", [("language", str, "en")], bases=(layout.Sent,), array_like=True)
    row = msgspec.msgpack.encode(layout.Sent(JANUARY, "care", "tips", "d4", shadow=False))
    assert msgspec.msgpack.decode(row, type=longer).language == "en"  # type: ignore[attr-defined]  # the class is made above


def test_a_record_of_newer_code_is_refused() -> None:
    with pytest.raises(ValueError, match="version 99"):
        decode(encode(Stored(None, Customer("c1", version=99))))


@pytest.mark.parametrize("other", [b"", b"\x78\x01none", b"\x90", b"\x93\x00\x00\x00", b"\x80", b'{"id": "c1"}', b"\xc0"])
def test_other_bytes_are_refused(other: bytes) -> None:
    with pytest.raises(ValueError, match="that are none"):
        decode(other)
