"""Nothing that can be decided is without its plain words."""

import pytest
from care_contracts.catalogue import TYPES
from care_contracts.reasons import PLAIN_WORDS, Reason, Verdict
from care_contracts.records import Decision, Event, altered
from care_contracts.topics import EVENTS
from care_contracts.wire import encode_event
from outreach.core.calendar import span
from outreach.core.rules import Playbook
from outreach.journal.different import different, looking_at
from outreach.journal.reading import Past
from outreach.journal.rows import rows_of
from outreach.journal.tables import messages
from outreach.journal.words import CHANGES, MESSAGES, VERDICTS, message_words, reason_words, verdict_words

DECISION = Decision(Verdict.SKIPPED, 5, "ada", "thanks", "e1", "0", "v1", what="note")


def test_every_verdict_has_its_words() -> None:
    assert VERDICTS.keys() == set(Verdict)
    assert all("{" not in verdict_words(altered(DECISION, verdict=verdict)) for verdict in Verdict)


def test_every_reason_has_its_words_and_says_what_would_have_to_be_different() -> None:
    assert CHANGES.keys() == PLAIN_WORDS.keys() == set(Reason)


@pytest.mark.parametrize("reason", Reason)
def test_a_reason_is_explained_also_where_nothing_else_is_known(reason: Reason) -> None:
    looking = looking_at(Past("ada"), Playbook("v2"), 10)
    sentence = different(looking, altered(DECISION, reason=reason, detail="order_id"))
    assert sentence
    assert "{" not in sentence
    assert reason_words(altered(DECISION, reason=reason))


def test_everything_that_the_courier_can_tell_has_its_words() -> None:
    kinds = [each.name for each in TYPES if each.name.startswith("message.")]
    events = [Event("1", "careloop/courier", kind, "ada", 1, 1, {"command_id": "x", "class": told}) for kind in kinds for told in ("", "in_doubt")]
    rows = [row for event in events for table, row in rows_of(EVENTS.name, b"ada", encode_event(event)) if table is messages]
    assert {row["state"] for row in rows} == MESSAGES.keys()
    assert message_words(None, "UTC") == "the courier has not told yet what became of it"


@pytest.mark.parametrize(
    ("ms", "words"), [(86_400_000, "1 day"), (259_200_000, "3 days"), (129_600_000, "36 hours"), (5_400_000, "90 minutes"), (61_500, "1 minute")]
)
def test_a_duration_is_told_in_a_unit_that_fits(ms: int, words: str) -> None:
    assert span(ms) == words
