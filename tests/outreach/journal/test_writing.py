"""The journal's rows on SQLite and PostgreSQL: reading twice is reading once, the latest word counts, and who is erased is gone."""

import random
from typing import Any

import pytest
from care_contracts.playbooks import ACTIVATION_KEY, Version, activation, encode_version
from care_contracts.reasons import Reason, Verdict
from care_contracts.records import Decision, Event
from care_contracts.topics import DECISIONS, EVENTS, PLAYBOOKS
from care_contracts.wire import Unreadable, encode_event
from outreach.journal import tables
from outreach.journal.reading import KnownVersion, past_of, similar
from outreach.journal.rows import digests, rows_of
from outreach.journal.writing import count, purge, write
from sqlalchemy import Engine, select

from tests.outreach.journal.conftest import kept


def event(number: int, customer: str = "ada", kind: str = "order.placed", **data: Any) -> Event:
    return Event(f"e{number}", "shop", kind, customer, number, number, {"order_id": f"A{number}"} | data)


def decision(number: int, customer: str = "ada", **more: Any) -> Decision:
    return Decision(Verdict.SENT, number, customer, "thanks", f"e{number}", "0", f"v{number % 2}", what="note", command_id=f"c{number}", **more)


def told(number: int, state: str, at: int, **data: Any) -> Event:
    return Event(f"c{number}.{state}.{at}", "careloop/courier", f"message.{state}", "ada", at, at, {"command_id": f"c{number}", "letter": "note"} | data)


def everything(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """What the tables say, without the order of arrival."""
    with engine.connect() as connection:
        return {
            name: sorted(tuple(row) for row in connection.execute(select(*[column for column in table.c if column.name != "number"])))
            for name, table in tables.metadata.tables.items()
        }


HAPPENED: list[Event | Decision] = [
    *(event(number, f"c{number % 3}") for number in range(30)),
    *(decision(number, f"c{number % 3}") for number in range(30)),
    *(told(number, "sent", 100 + number) for number in range(5)),
    *(told(number, "bounced", 200 + number) for number in range(2)),
    event(50, "c2", "customer.deleted"),
    event(51, "c2"),
]


@pytest.mark.parametrize("seed", range(5))
def test_reading_any_range_again_changes_nothing(engine: Engine, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - no secret
    write(engine, kept(*HAPPENED))
    once = everything(engine)
    for _ in range(10):
        start = dice.randrange(len(HAPPENED))
        write(engine, kept(*HAPPENED[start : start + dice.randrange(1, 20)]))
    assert everything(engine) == once
    assert (count(engine, tables.events), count(engine, tables.decisions)) == (27, 20)


def test_a_customers_past_comes_back_in_its_order(engine: Engine) -> None:
    events = [event(number) for number in (3, 1, 2)]
    decisions = [decision(3), decision(1, reason=Reason.CAP, until=9)]
    write(engine, kept(*events, *decisions))
    past = past_of(engine, "ada")
    assert (past.events, past.decisions) == (tuple(events), tuple(decisions))
    assert past.versions == {"v1": KnownVersion()}


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_of_what_the_courier_tells_the_surest_and_then_the_first_word_stays(engine: Engine, order: tuple[int, ...]) -> None:
    words = [told(1, "failed", 5, **{"class": "in_doubt", "reason": "no answer"}), told(1, "sent", 6), told(1, "sent", 8)]
    for place in order:
        write(engine, kept(words[place]))
    message = past_of(engine, "ada").message("c1")
    assert message
    assert (message.state, message.at, message.reason) == ("sent", 6, "")


def test_who_is_erased_leaves_only_that_an_erasure_happened(engine: Engine) -> None:
    write(engine, kept(event(1), decision(1), told(1, "sent", 2), event(1, "bob"), event(3, kind="customer.deleted", reason="asked us to"), decision(3)))
    write(engine, kept(event(4), decision(2), told(1, "sent", 2)))
    past = past_of(engine, "ada")
    assert (past.events, past.decisions, past.messages, past.erased_at) == ((), (), {}, 3)
    assert past_of(engine, "bob").events == (event(1, "bob"),)
    assert "asked us to" not in str(everything(engine))


def test_old_rows_are_removed_in_portions_and_young_ones_stay(engine: Engine) -> None:
    write(engine, kept(*(one for number in range(20) for one in (event(number), decision(number), told(number, "sent", number)))))
    assert [purge(engine, 10, 4) for _ in range(6)] == [12, 12, 8, 4, 4, 0]
    past = past_of(engine, "ada")
    assert {one.recorded for one in past.events} == {one.at for one in past.decisions} == set(range(10, 20))


@pytest.mark.parametrize("seed", range(3))
def test_of_a_playbook_everything_is_known_that_any_record_told(engine: Engine, seed: int) -> None:
    published = Version("v1", "0123abcd", {"rules/thanks.yaml": "id: thanks"})
    rows = [
        *rows_of(PLAYBOOKS.name, b"v1", encode_version(published)),
        *rows_of(EVENTS.name, ACTIVATION_KEY, encode_event(activation("v1", "", 7))),
        *kept(decision(9), decision(5)),
    ]
    random.Random(seed).shuffle(rows)  # noqa: S311 - no secret
    for row in rows:
        write(engine, [row])
    write(engine, rows)
    known = past_of(engine, "ada").version("v1")
    assert known == KnownVersion("0123abcd", digests({"rules/thanks.yaml": b"id: thanks"}))
    assert everything(engine)["care_playbooks"][0][:3] == ("v1", "0123abcd", 5)
    assert everything(engine)["care_events"] == [], "that a version became active is nothing that happened to a customer"


def test_what_lies_in_a_partition_of_another_customer_is_not_kept() -> None:
    with pytest.raises(Unreadable, match="another key"):
        rows_of(EVENTS.name, b"bob", encode_event(event(1)))
    with pytest.raises(Unreadable):
        rows_of(DECISIONS.name, b"ada", b"{")


def test_a_customer_who_is_not_known_may_be_meant_otherwise(engine: Engine) -> None:
    write(engine, kept(event(1, "customer-0042"), event(1, "bob")))
    assert similar(engine, "customer-042") == "customer-0042"
    assert similar(engine, "zoe") == ""
