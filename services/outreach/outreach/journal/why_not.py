"""Why a customer did not get what a rule would send: from its records, or, where there are none, from deciding the past again."""

from dataclasses import dataclass

from care_contracts.clock import DAY_MS
from care_contracts.reasons import Verdict
from care_contracts.records import Decision

from outreach.core.calendar import span
from outreach.core.decide import Tick, decide
from outreach.core.rules import OnAnniversary, OnEdge, OnEvent, OnPeriod, OnSilence, Rule
from outreach.journal.different import Looking, different
from outreach.journal.timeline import Decided, describe
from outreach.journal.words import listed, reason_words, values, verdict_words
from outreach.playbook.telling import Seen

MOST = 3
LONGEST = 400 * DAY_MS


@dataclass(frozen=True, slots=True)
class Answer:
    """`sentence` answers the question; `records` are the last word about the latest occasions, `judgements` how the condition was judged at triggers."""

    rule: str
    sentence: str
    records: tuple[Decided, ...] = ()
    judgements: tuple[Seen, ...] = ()


def why_not(looking: Looking, rule_id: str) -> Answer:
    """The answer about a rule that has records or stands in the playbook; the past was decided again with an eye on it."""
    last = {decision.occurrence: place for place, decision in enumerate(looking.past.decisions) if decision.rule == rule_id}
    if last:
        records = tuple(describe(looking, looking.past.decisions[place], place) for place in sorted(last.values())[-MOST:])
        return Answer(rule_id, _last_word(looking, records[-1]), records)
    rule = looking.playbook.by_id[rule_id]
    return Answer(rule_id, _never(looking, rule), (), tuple(looking.again.beginnings)[-MOST:])


def _last_word(looking: Looking, last: Decided) -> str:
    decision = last.decision
    head = f"On {looking.when(decision.at)} it {last.words}"
    if decision.verdict is Verdict.SENT:
        return f"It did go out. {head}; {last.became}."
    if last.because:
        return " ".join(part for part in (f"{head}: {last.because}.", last.different) if part)
    return f"{head}{f'; {last.became}' if last.became else ''}.{_waiting(looking, decision)}"


def _waiting(looking: Looking, decision: Decision) -> str:
    """When a running rule goes on, by the past decided again."""
    running = any((one.rule, one.occurrence) == (decision.rule, decision.occurrence) for one in looking.again.customer.instances)
    if not running:
        return " Nothing more of it is due."
    coming = _coming(looking, decision.rule, decision.occurrence)
    return f" It is running; if nothing else happens, it goes on, on {looking.when(coming.at)}." if coming else " It is running."


def _coming(looking: Looking, rule_id: str, occurrence: str = "") -> Decision | None:
    """The rule's next decision if nothing else happens, by the core itself; None when none comes within 400 days."""
    customer, end = looking.again.customer, looking.now + LONGEST
    while (due := customer.next_due()) is not None and due <= end:
        decided = decide(customer, Tick(due), looking.playbook)
        customer = decided.customer
        for decision in decided.decisions:
            if decision.rule == rule_id and occurrence in ("", decision.occurrence):
                return decision
    return None


def _never(looking: Looking, rule: Rule) -> str:
    """Why the rule has no record at all."""
    if looking.past.erased_at is not None:
        return "It never began: the customer asked to be forgotten, and nothing about them is kept."
    today = [decision for decision in looking.again.decisions if decision.rule == rule.id and decision.at <= looking.now]
    if today:
        return _newer(looking, today[0])
    coming = _coming(looking, rule.id)
    if coming and coming.verdict is Verdict.STARTED:
        return f"It has not begun yet: if nothing else happens, it begins on {looking.when(coming.at)}.{_judged(looking)}"
    return f"It never began: {_trigger(looking, rule)}"


def _newer(looking: Looking, first: Decision) -> str:
    """Decided again with the playbook of today something comes out, of which there is no record."""
    why = f": {reason_words(first)}. {different(looking, first)}" if first.reason else "."
    if first.verdict is Verdict.STARTED:
        return (
            f"With the playbook as it is now it would have begun on {looking.when(first.at)}; there is no record of that, so the rule is newer than the event."
        )
    return f"It never began: decided again with the playbook as it is now, on {looking.when(first.at)} it {verdict_words(first)}{why}"


def _trigger(looking: Looking, rule: Rule) -> str:
    when = rule.when
    if isinstance(when, OnEvent):
        happened = [event for event in looking.past.events if event.type in when.types]
        if not happened:
            return f"{listed(when.types)} never happened{_since(looking)}."
        return f"{_times(len(happened))} {listed(when.types)} happened, and its condition was not met.{_judged(looking)}"
    if isinstance(when, OnEdge):
        return f"`{when.condition.source}` never turned from false to true.{_judged(looking)}"
    if isinstance(when, OnSilence):
        return f"the silence of {span(when.for_ms)} after {listed(when.types)} was over, or past, before it could.{_judged(looking)}"
    if isinstance(when, OnAnniversary) or (isinstance(when, OnPeriod) and when.field):
        return f"the customer has no date in `customer.{when.field}`."
    return f"no such moment came{_since(looking)}.{_judged(looking)}"


def _since(looking: Looking) -> str:
    first = looking.past.events[0] if looking.past.events else None
    return f" since {looking.when(first.recorded)}, the first event that is kept" if first else ""


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _judged(looking: Looking) -> str:
    """The last judgement of the condition: which of its parts was not met, and what the names in it stood for."""
    if not looking.again.beginnings:
        return ""
    last = looking.again.beginnings[-1]
    if last.held:
        return f" When it was judged last, on {looking.when(last.at)}, its condition held already ({values(last.values)})."
    failed = listed(f"`{part.source}`{'' if part.held is False else ' (could not be judged)'}" for part in last.failed)
    seen = f": {values(last.values)}" if last.values else ""
    trouble = f" ({last.trouble})" if last.trouble else ""
    return f" When it was judged last, on {looking.when(last.at)}, {failed} was not met{seen}{trouble}."
