"""Who may work on a command, judged from the row that is there already."""

import pytest
from outreach.delivery.claims import NOT_MINE, Claim, Known, Standing, stand
from outreach.delivery.outcome import IN_DOUBT, SENT, Category, Outcome, State

NOW = 1_000_000
ATTEMPTING = Outcome(State.ATTEMPTING)
RETRY = Outcome(State.RETRY_AT, Category.TEMPORARY, "450 at RCPT")


def claim(*, resend: bool = False) -> Claim:
    return Claim("x", b"", "", "care", resend, NOW, NOW + 75_000, 42)


@pytest.mark.parametrize(
    ("why", "known", "wanted"),
    [
        ("nothing is left to do", Known(SENT, 1, "/other", None, 7), NOT_MINE),
        ("another courier is on it", Known(ATTEMPTING, 1, "/other", NOW + 1, 7), NOT_MINE),
        ("its courier is dead", Known(ATTEMPTING, 1, "/other", NOW, 7), Standing(True, IN_DOUBT, 42, 1)),
        ("our own commit was acknowledged late", Known(ATTEMPTING, 1, "/me", NOW + 75_000, 7), Standing(True, attempts=1)),
        ("we let it go in the middle", Known(ATTEMPTING, 1, "/me", NOW + 60_000, 7), Standing(True, IN_DOUBT, 42, 1)),
        ("its next try is not due", Known(RETRY, 2, "/me", NOW + 1, 7), NOT_MINE),
        ("its next try is due", Known(RETRY, 2, "/other", NOW, 7), Standing(True, attempts=3)),
        ("sent, but the stream does not know", Known(SENT, 1, "/other", NOW, 7), Standing(True, SENT, 7, 1)),
        ("sent by us, but the stream does not know", Known(SENT, 1, "/me", NOW + 1, 7), Standing(True, SENT, 7, 1)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_claim_stands(why: str, known: Known, wanted: Standing) -> None:
    assert stand(known, claim(), "/me") == wanted, why


def test_only_the_rules_choice_sends_a_doubt_again() -> None:
    assert stand(Known(ATTEMPTING, 1, "/other", NOW, 7), claim(resend=True), "/me") == Standing(True, attempts=2)
