"""The catalogue: known fields are checked in their own words, other fields are kept."""

from typing import Any

import pytest
from care_contracts.catalogue import FIELDS, PERSONAL, TRAITS, TYPES


def test_fields_that_nobody_declared_are_kept(accepted: Any) -> None:
    data = {"order_id": "A1", "gift": True, "notes": [{"a": None}]}
    assert accepted(data=data).data == data


def test_null_is_a_known_field_that_is_not_known(accepted: Any) -> None:
    assert accepted(data={"order_id": "A1", "total": None}).data["total"] is None


@pytest.mark.parametrize("data", [{}, None, {"order_id": None}])
def test_a_required_field_cannot_be_left_out(problems: Any, data: Any) -> None:
    assert set(problems(data=data)) == {"/data/order_id"}


UNFIT = [
    ("customer.created", "email", "anna@", ""),
    ("customer.created", "email", "Anna <anna@northwind.example>", ""),
    ("customer.created", "first_name", "Anna\r\nBcc: all@northwind.example", ""),
    ("customer.created", "birthday", "31.12.1990", ""),
    ("customer.created", "birthday", "1990-02-30", ""),
    ("customer.created", "language", "en_GB", 'did you mean "en-GB"?'),
    ("customer.created", "language", "english", ""),
    ("customer.created", "time_zone", "Europe/Londn", 'did you mean "Europe/London"?'),
    ("customer.created", "time_zone", "+02:00", ""),
    ("customer.created", "country", "UK", 'did you mean "GB"?'),
    ("customer.created", "country", "de", 'did you mean "DE"?'),
    ("customer.created", "created_at", "2026-03-02", "add the time of day and the zone"),
    ("order.placed", "order_id", 4711, "put it in quotes"),
    ("order.placed", "total", "19.90", "write the number without quotes"),
    ("order.placed", "total", True, ""),
    ("order.placed", "total", float("inf"), ""),
    ("order.placed", "currency", "gbp", 'did you mean "GBP"?'),
    ("order.placed", "currency", "£", ""),
    ("order.placed", "items", {"sku": "x"}, ""),
    ("order.shipped", "tracking_url", "javascript:alert(1)", ""),
    ("order.shipped", "tracking_url", "https://", ""),
    ("order.delayed", "days_late", -1, ""),
    ("payment.failed", "attempt", 1.5, ""),
    ("payment.failed", "attempt", 0, ""),
    ("ticket.opened", "priority", "hihg", 'did you mean "high"?'),
    ("ticket.replied", "by", "robot", ""),
    ("chat.ended", "resolved", "yes", "write true or false, without quotes"),
    ("review.posted", "rating", 6, ""),
    ("consent.changed", "purpose", "promotions", 'did you mean "promotion"?'),
    ("survey.answered", "kind", "CSAT", 'did you mean "csat"?'),
    ("message.sent", "class", 5, "put it in quotes"),
]


@pytest.mark.parametrize(("event_type", "field", "value", "suggestion"), UNFIT)
def test_an_unfit_field_is_named_with_what_was_probably_meant(problems: Any, event_type: str, field: str, value: Any, suggestion: str) -> None:
    assert problems(type=event_type, data={field: value})[f"/data/{field}"].suggestion == suggestion


FIT = [
    ("customer.updated", {"email": "anna@shop.test", "language": "zh-Hant-TW", "time_zone": "America/Argentina/Buenos_Aires", "country": "AX"}),
    ("customer.updated", {"email": "jürgen@müller.example", "first_name": "Jürgen", "birthday": "2000-02-29", "loyal": True}),
    ("order.placed", {"order_id": "A1", "total": 0, "items": [{"sku": "x", "colour": "red"}]}),
    ("consent.changed", {"purpose": "*", "granted": False}),
    ("call.ended", {"call_id": "1", "waiting_s": 0.5}),
    ("product.used", {}),
]


@pytest.mark.parametrize(("event_type", "data"), FIT)
def test_fit_fields_are_accepted(accepted: Any, event_type: str, data: dict[str, Any]) -> None:
    assert accepted(type=event_type, data=data).data == data


def test_a_problem_inside_a_list_is_found_where_it_is(problems: Any) -> None:
    found = problems(type="order.placed", data={"order_id": "A1", "items": [{"price": 1}, {"price": "2"}, 3]})
    assert {place: problem.expected for place, problem in found.items()} == {"/data/items/1/price": "a number", "/data/items/2": "an object"}


@pytest.mark.parametrize(("kind", "score"), [("csat", 0), ("csat", 6), ("nps", 11), ("nps", -1), ("ces", 8), ("thumbs", 2)])
def test_a_score_stays_on_its_scale(problems: Any, kind: str, score: int) -> None:
    found = problems(type="survey.answered", data={"survey": "s", "kind": kind, "score": score})
    assert f"the scale of {kind}" in found["/data/score"].expected


@pytest.mark.parametrize(("kind", "score"), [("csat", 1), ("nps", 0), ("nps", 10), ("ces", 7), ("thumbs", 1), ("text", 99)])
def test_scores_on_the_scale_are_accepted(accepted: Any, kind: str, score: int) -> None:
    assert accepted(type="survey.answered", data={"survey": "s", "kind": kind, "score": score})


def test_a_wrong_word_is_repeated_where_words_are_never_personal(problems: Any) -> None:
    assert problems(type="ticket.opened", data={"ticket_id": "1", "priority": "hihg"})["/data/priority"].got == '"hihg"'


PRIVATE = {"email": "anna.smith(at)home", "first_name": "Anna\n", "birthday": "born in May", "phone": 491701234567}


def test_no_problem_repeats_anything_personal(problems: Any) -> None:
    told = str(list(problems(type="customer.created", data=PRIVATE, customer_id="anna smith ").values()))
    assert len(problems(type="customer.created", data=PRIVATE)) == len(PRIVATE)
    assert not [word for word in ("anna", "Anna", "smith", "May", "4917") if word in told]


def test_even_in_an_open_field_an_address_is_only_described(problems: Any) -> None:
    assert problems(type="order.placed", data={"order_id": "A", "currency": "anna@northwind.example"})["/data/currency"].got == "text of 22 characters"


def test_the_rule_linter_learns_fields_and_their_kinds() -> None:
    assert FIELDS["order.placed"]["total"] == "number"
    assert FIELDS["order.placed"]["items"] == "list"
    assert FIELDS["message.failed"]["class"] == "string"
    assert FIELDS["consent.changed"]["granted"] == "boolean"
    assert FIELDS["payment.failed"]["attempt"] == "integer"
    assert TRAITS["birthday"] == "date"
    assert TRAITS["created_at"] == "time"
    assert set(FIELDS) == {each.name for each in TYPES}


def test_personal_fields_are_known() -> None:
    assert {"email", "first_name", "last_name", "phone", "birthday", "text", "comment", "author", "address"} == PERSONAL
