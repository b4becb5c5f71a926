"""The plain words of an explanation: one sentence for every verdict, and for every reason what would have to be different."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from care_contracts.reasons import PLAIN_WORDS, Reason, Verdict
from care_contracts.records import Decision

from outreach.core.calendar import local
from outreach.journal.reading import Message

VERDICTS: Mapping[Verdict, str] = {
    Verdict.STARTED: "began",
    Verdict.SENT: 'sent the letter "{what}"',
    Verdict.ALERTED: 'asked the team "{what}" to take over',
    Verdict.REWARDED: 'gave a reward: "{what}"',
    Verdict.CALLED: 'called "{what}"',
    Verdict.TAGGED: 'changed the tag "{what}"',
    Verdict.CHOSEN: 'took the way "{what}"',
    Verdict.HELD: 'held the letter "{what}"',
    Verdict.SKIPPED: 'did not send "{what}"',
    Verdict.ENDED: "ended early",
    Verdict.NOT_MET: "counted a condition as not met",
}
NOT_BEGUN = "did not begin"

# What would have to be different, where nothing more is known; `different.py` computes a better sentence where it can.
CHANGES: Mapping[Reason, str] = {
    Reason.OFF: "Set `mode: live` in {file}.",
    Reason.ERASED: "Nothing: whoever asked to be forgotten is not written to again.",
    Reason.NO_ADDRESS: "An event customer.updated that carries an e-mail address lets the next letter out.",
    Reason.SUPPRESSED: "Another e-mail address (customer.updated), or the customer's own yes on the preference page.",
    Reason.NO_CONSENT: "The customer agrees on the preference page, or an event consent.changed with `granted: true` says so.",
    Reason.ALREADY_SENT: "`once_per` in {file} says what counts as a new occasion.",
    Reason.EXPIRED: "A longer `expires_after` in {file}.",
    Reason.CANCELLED: "`cancel_on` in {file} names what ends it.",
    Reason.STOPPED: "The condition of `stop_if` in {file} would have to be false.",
    Reason.PERSON_ONLY: "Fewer poor experiences within the window of `person_only_after` in policy.yaml.",
    Reason.PERSON_ON_IT: "Once the open task about the customer is closed (task.closed), letters go out again.",
    Reason.NO_PROMOTION: "`no_promotion_while` in policy.yaml would have to be false.",
    Reason.NO_SURVEY: "`no_survey_while` in policy.yaml would have to be false.",
    Reason.COOL_OFF: "`cool_off_after_low_score` in policy.yaml has to run out first.",
    Reason.QUIET_HOURS: "It waits for the end of `quiet_hours` in policy.yaml.",
    Reason.CAP: "A slot of `caps` in policy.yaml has to become free.",
    Reason.HOLDOUT: "`holdout` in policy.yaml: the customer belongs to the control group for good, unless its share changes.",
    Reason.SHADOW: "Set `mode: live` in {file}.",
    Reason.CONDITION_ERROR: "The event or the customer has to carry the field, or the condition asks `has(…)` first.",
    Reason.NO_OCCASION: 'The event has to carry the field "{detail}", which `once_per` in {file} names.',
    Reason.TOO_MANY: "Running rules have to end first: so many wait for this customer that none may join them.",
}

MESSAGES: Mapping[str, str] = {
    "sent": "the mail server took it on {at}",
    "failed": "it failed on {at}: {reason} ({category})",
    "in_doubt": "it is in doubt since {at}: perhaps delivered, {reason}",
    "suppressed": "the courier held it back on {at}: the address must not be written to",
    "bounced": "it came back on {at}: {reason}",
    "complained": "the customer called it spam on {at}",
}


def file_of(rule: str) -> str:
    """The file that a rule is written in."""
    return f"rules/{rule}.yaml"


def verdict_words(decision: Decision) -> str:
    """What was decided, without why."""
    if decision.verdict is Verdict.SKIPPED and not decision.what:
        return NOT_BEGUN
    return VERDICTS[decision.verdict].format(what=decision.what)


def reason_words(decision: Decision) -> str:
    """Why, in plain words; "" where there is no reason to give."""
    return PLAIN_WORDS[decision.reason] if decision.reason else ""


def message_words(message: Message | None, zone: str) -> str:
    """What became of a letter at the courier."""
    if message is None:
        return "the courier has not told yet what became of it"
    told = {"at": when(message.at, zone), "reason": message.reason or "no reason given", "category": message.category or "unclear"}
    return MESSAGES[message.state].format(**told)


def when(moment: int, zone: str) -> str:
    """`5 March 2026, 10:00` on the wall clock of a zone, of ms since 1970."""
    wall = local(moment, zone)
    return f"{wall.day} {wall:%B %Y, %H:%M}"


def day(wall: datetime) -> str:
    """`Thursday 5 March 2026`."""
    return f"{wall:%A} {wall.day} {wall:%B %Y}"


def values(seen: Mapping[str, object]) -> str:
    """`customer.open_tickets was 1, event.total was missing`."""
    return ", ".join(f"{name} was {'missing' if value is None else _shown(value)}" for name, value in seen.items())


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value[:80]}"' if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else str(value)


def listed(words: Iterable[str]) -> str:
    """`a, b and c`."""
    *most, last = list(words) or [""]
    return f"{', '.join(most)} and {last}" if most else last
