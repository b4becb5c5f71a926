"""The ledger's statements on SQLite and PostgreSQL."""

from care_contracts.suppression import Suppressions
from outreach.delivery.claims import Claim, Standing
from outreach.delivery.ledger import Announced, Ledger, Settle
from outreach.delivery.ledger_table import table
from outreach.delivery.outcome import IN_DOUBT, SENT, Category, Outcome, State
from sqlalchemy import Engine, Row, select


def claim(now: int, command_id: str = "x") -> Claim:
    return Claim(command_id, b"{}", "ada@example.org", "care", False, now, now + 100, 7)


def row(engine: Engine, command_id: str = "x") -> Row[tuple[object, ...]]:
    with engine.connect() as connection:
        return connection.execute(select(table).where(table.c.command_id == command_id)).one()


def test_a_late_answer_from_the_mail_server_ends_a_doubt(engine: Engine, suppressions: Suppressions) -> None:
    slow, other = Ledger(engine, suppressions, "/slow"), Ledger(engine, suppressions, "/other")
    slow.apply([claim(0)])
    (standing,) = other.apply([claim(100)])
    assert standing.outcome == IN_DOUBT
    other.apply([Announced("x")])
    slow.apply([Settle("x", SENT, 9, 300)])
    assert (row(engine).state, row(engine).wake, row(engine).owner) == ("sent", 300, "/slow")
    slow.apply([Announced("x")])
    assert (row(engine).wake, row(engine).command) == (None, None)


def test_only_the_owner_settles_what_is_not_certain(engine: Engine, suppressions: Suppressions) -> None:
    owner, other = Ledger(engine, suppressions, "/owner"), Ledger(engine, suppressions, "/other")
    owner.apply([claim(0)])
    other.apply([Settle("x", Outcome(State.RETRY_AT, Category.TEMPORARY, "450"), 9, 1), Announced("x")])
    assert (row(engine).state, row(engine).wake) == ("attempting", 100)


def test_a_group_holds_claims_settlements_and_announcements(engine: Engine, suppressions: Suppressions) -> None:
    ledger = Ledger(engine, suppressions, "/me")
    ledger.apply([claim(0, "a"), claim(0, "b")])
    standings = ledger.apply([claim(1, "c"), Settle("a", SENT, 9, 300), claim(1, "b"), Announced("a")])
    assert standings[0] == Standing(mine=True)
    assert standings[2].outcome == IN_DOUBT, "the same process claims again what it let go in the middle"
    assert [row(engine, name).state for name in "abc"] == ["sent", "in_doubt", "attempting"]
    assert ledger.count(State.ATTEMPTING) == 1


def test_an_earlier_life_of_the_same_instance_needs_no_lease_to_run_out(engine: Engine, suppressions: Suppressions) -> None:
    Ledger(engine, suppressions, "courier_1/a").apply([claim(0, "mine")])
    Ledger(engine, suppressions, "courierX1/a").apply([claim(0, "theirs")])
    Ledger(engine, suppressions, "/a").apply([claim(0, "nameless")])
    ledger = Ledger(engine, suppressions, "courier_1/b")
    ledger.end_earlier_lives(50)
    assert [row(engine, name).wake for name in ("mine", "theirs", "nameless")] == [50, 100, 100]
    assert ledger.waking(50, 10) == [b"{}"]


def test_a_couriers_own_claims_outlive_a_nameless_start(engine: Engine, suppressions: Suppressions) -> None:
    Ledger(engine, suppressions, "/a").apply([claim(0)])
    Ledger(engine, suppressions, "/b").end_earlier_lives(50)
    assert row(engine).wake == 100
