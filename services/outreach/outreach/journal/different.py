"""What would have to be different: for each decision against something, a sentence from what was true at that moment."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile

from care_contracts.reasons import Reason, Verdict
from care_contracts.records import Decision

from outreach.core.calendar import span
from outreach.core.customer import Sent
from outreach.core.guards import Full, full_caps
from outreach.core.rules import OncePer, OnEvent, OnSilence, Playbook, Rule
from outreach.core.steps import WaitFor
from outreach.journal.reading import Past
from outreach.journal.replay import Moment, Replay, key, replay
from outreach.journal.rows import digests
from outreach.journal.words import CHANGES, file_of, listed, reason_words, values, when


@dataclass(frozen=True, slots=True)
class Looking:
    """What explanations look at: the customer's past, the playbook as it is now, the past decided again with it, and in which zone to tell times."""

    past: Past
    playbook: Playbook
    again: Replay
    zone: str
    now: int
    files: Mapping[str, str]

    def changed(self, file: str, version: str) -> bool | None:
        """Whether a file reads otherwise now than in a version of the playbook; None when that cannot be told."""
        if version == self.playbook.version:
            return False
        then = self.past.version(version).files
        return then.get(file) != self.files.get(file) if then else None

    def when(self, moment: int) -> str:
        """A moment (ms since 1970) for people."""
        return when(moment, self.zone)

    def rule(self, decision: Decision) -> Rule | None:
        """The rule as it is now."""
        return self.playbook.by_id.get(decision.rule)

    def events_of(self, rule_id: str) -> frozenset[str]:
        """The event types that a rule names; none for a rule that is no more."""
        rule = self.playbook.by_id.get(rule_id)
        if rule is None:
            return frozenset()
        waited = [name for step in rule.steps if isinstance(step, WaitFor) for name in step.types]
        begins = rule.when.types if isinstance(rule.when, OnEvent | OnSilence) else ()
        return frozenset((*begins, *waited, *(cancel.type for cancel in rule.cancel_on)))


def looking_at(past: Past, playbook: Playbook, now: int, watched: str = "", files: Mapping[str, bytes] | None = None) -> Looking:
    """The past, and the past decided again up to the moment `now` (ms since 1970).

    `watched` is the rule whose beginning is asked about, `files` are the playbook's as they are now.
    """
    again = replay(past.customer_id, past.events, playbook, now, watched)
    return Looking(past, playbook, again, playbook.policy.time_zone, now, digests(files or {}))


def different(looking: Looking, decision: Decision) -> str:
    """The sentence; "" for a decision against which nothing is to be said."""
    if decision.reason is None:
        return ""
    told, file = _told(looking, decision), "policy.yaml" if decision.reason in _OF_POLICY else file_of(decision.rule)
    changed = looking.changed(file, decision.playbook) if decision.reason in _OF_POLICY | _OF_RULE else False
    if changed is False:
        return told
    since = f"{file} was changed since" if changed else f"The playbook was changed since, and perhaps {file}"
    return f"{_then(decision)}{since}; as it reads now: {told}"


def _then(decision: Decision) -> str:
    """What the version that decided had recorded."""
    return f"Then it was {decision.detail}. " if decision.reason is Reason.CAP and decision.detail else ""


def _told(looking: Looking, decision: Decision) -> str:
    if decision.reason is None:
        return ""
    compute = _COMPUTED.get(decision.reason)
    computed = compute(looking, decision) if compute else ""
    return computed or CHANGES[decision.reason].format(file=file_of(decision.rule), detail=decision.detail)


def _no_consent(looking: Looking, decision: Decision) -> str:
    purpose = decision.detail
    twice = " and confirms it by mail" if purpose in looking.playbook.policy.double_opt_in else ""
    return f'Consent to "{purpose}": the customer gives it on the preference page{twice}, or an event consent.changed says `purpose: {purpose}, granted: true`.'


def _already(looking: Looking, decision: Decision) -> str:
    began = [earlier for earlier in looking.past.decisions if (earlier.rule, earlier.verdict) == (decision.rule, Verdict.STARTED) and earlier.at <= decision.at]
    rule = looking.rule(decision)
    if not began or rule is None:
        return ""
    if rule.once_per is OncePer.DURATION:
        again = began[-1].at + rule.once_ms
        return f"It began on {looking.when(began[-1].at)}, and `once_per` in {file_of(rule.id)} allows it again from {looking.when(again)}."
    same = [earlier for earlier in began if earlier.occurrence == decision.occurrence]
    return f"It began for this occasion on {looking.when(same[-1].at)}; {CHANGES[Reason.ALREADY_SENT].format(file=file_of(rule.id))}" if same else ""


def _expired(looking: Looking, decision: Decision) -> str:
    held = _last_hold(looking, decision)
    rule = looking.rule(decision)
    if held is None or held.reason is None or rule is None:
        return ""
    last, due = decision.at - 1, decision.at - 1 - rule.expires_after
    frees = _frees(looking, held)
    late = f"; it would have been free {span(max(60_000, frees - last))} too late, on {looking.when(frees)}" if frees and frees > last else ""
    why = reason_words(held)
    return (
        f"It was due on {looking.when(due)} and of use for {span(rule.expires_after)} (`expires_after` in {file_of(rule.id)}), "
        f"until {looking.when(last)}; from {looking.when(held.at)} on it was held: {why}{late}."
    )


def _last_hold(looking: Looking, decision: Decision) -> Decision | None:
    same = (decision.rule, decision.occurrence, decision.step)
    holds = [one for one in looking.past.decisions if one.verdict is Verdict.HELD and (one.rule, one.occurrence, one.step) == same and one.at <= decision.at]
    return holds[-1] if holds else None


def _frees(looking: Looking, held: Decision) -> int | None:
    return max((full.frees for full in _full(looking, held)), default=None) if held.reason is Reason.CAP else held.until


def _cancelled(looking: Looking, decision: Decision) -> str:
    cause = next((event for event in reversed(looking.past.events) if event.type == decision.detail and event.recorded <= decision.at), None)
    if cause is None:
        return f"{decision.detail[:1].upper()}{decision.detail[1:]}." if decision.detail else ""
    return f"Without {cause.type} on {looking.when(cause.time)} it would have gone on; `cancel_on` in {file_of(decision.rule)} names it."


def _stopped(looking: Looking, decision: Decision) -> str:
    return _objected(looking, decision, f"`stop_if` in {file_of(decision.rule)}")


def _policy(looking: Looking, decision: Decision) -> str:
    return _objected(looking, decision, f"`{decision.reason}_while` in policy.yaml")


def _objected(looking: Looking, decision: Decision, where: str) -> str:
    seen = looking.again.seen(decision.detail, decision.at)
    if not decision.detail:
        return ""
    told = f"because {values(seen.values)}" if seen and seen.values else "what it saw cannot be told any more, because the playbook has changed since"
    return f"`{decision.detail}` held, {told}; {where} would have to be false."


def _poor(looking: Looking, decision: Decision) -> str:
    moment, rule = looking.again.moment_of(decision), looking.playbook.policy.person_only
    if moment is None or rule is None:
        return ""
    counted = [at for at in moment.decided.customer.poor if decision.at - rule.within < at <= decision.at]
    told = listed(f"{_cause(looking, at)} on {looking.when(at)}" for at in counted)
    leaves = sorted(counted)[len(counted) - rule.failures] + rule.within if len(counted) >= rule.failures else 0
    until = f" It ends on {looking.when(leaves)}, if nothing else goes wrong." if leaves else ""
    limit = f"from {rule.failures} on (`person_only_after` in policy.yaml) a person takes over"
    return f"{len(counted)} poor experiences within {span(rule.within)}: {told}; {limit}.{until}"


def _cause(looking: Looking, at: int) -> str:
    """The event that was the experience; where several happened at the same moment, all their types."""
    return " or ".join(dict.fromkeys(event.type for event in looking.past.events if event.time == at)) or "something"


def _cool_off(looking: Looking, decision: Decision) -> str:
    moment, rest = looking.again.moment_of(decision), looking.playbook.policy.cool_off
    if moment is None or rest is None:
        return ""
    low = [at for at in moment.decided.customer.low_scores if decision.at - rest.for_ms < at <= decision.at]
    if not low:
        return ""
    answers = {event.time: f"{event.data.get('kind')} {event.data.get('score')}" for event in looking.past.events if event.type == "survey.answered"}
    answer, until = answers.get(low[-1], "with a low score"), looking.when(low[-1] + rest.for_ms)
    return f"The answer {answer} on {looking.when(low[-1])} lets this rest until {until} (`cool_off_after_low_score` in policy.yaml)."


def _quiet_hours(looking: Looking, decision: Decision) -> str:
    return f"Quiet hours (policy.yaml) last until {looking.when(decision.until)} for this customer." if decision.until else ""


def _cap(looking: Looking, decision: Decision) -> str:
    return " ".join(
        f"At most {full.cap.at_most} in {span(full.cap.per)} (`caps` in policy.yaml): the {_slots(full.used)} used by "
        f"{listed(_sent(looking, one) for one in full.used)}; free again on {looking.when(full.frees)}."
        for full in _full(looking, decision)
    )


def _slots(used: tuple[Sent, ...]) -> str:
    return "slot was" if len(used) == 1 else f"{len(used)} slots were"


def _sent(looking: Looking, sent: Sent) -> str:
    letter = next((one.what for one in looking.past.decisions if one.command_id == sent.command_id and one.verdict is Verdict.SENT), sent.rule)
    return f'"{letter}" ({sent.rule}) on {looking.when(sent.at)}'


def _full(looking: Looking, decision: Decision) -> list[Full]:
    """The caps that were full at that moment, by what had been sent before it."""
    moment, rule = looking.again.moment_of(decision), looking.rule(decision)
    if moment is None or rule is None:
        return []
    return full_caps(looking.playbook.policy, rule.purpose, list(_sent_before(looking, moment, decision)), decision.at)


def _sent_before(looking: Looking, moment: Moment, decision: Decision) -> Iterator[Sent]:
    """What counted already, and what went out in the same moment before this was decided."""
    for sent in moment.before.sent:
        if sent.purpose != "service" and not sent.shadow:
            yield sent
    for earlier in takewhile(lambda one: key(one) != key(decision), moment.decided.decisions):
        rule = looking.rule(earlier)
        if earlier.verdict is Verdict.SENT and rule and rule.purpose != "service":
            yield Sent(earlier.at, rule.purpose, earlier.rule, earlier.command_id)


def _tasks(looking: Looking, decision: Decision) -> str:
    moment = looking.again.moment_of(decision)
    open_tasks = list((moment.decided.customer.tasks or moment.before.tasks).items()) if moment else []
    if not open_tasks:
        return ""
    told = listed(f"task {task_id}{f' of {task.rule}' if task.rule else ''}" for task_id, task in open_tasks)
    return f"Open: {told}. {CHANGES[Reason.PERSON_ON_IT]}"


def _holdout(looking: Looking, _: Decision) -> str:
    return f"{CHANGES[Reason.HOLDOUT]} It is {looking.playbook.policy.holdout.share:.0%} now."


def _too_many(looking: Looking, decision: Decision) -> str:
    moment = looking.again.moment_of(decision)
    return f"{len(moment.before.instances)} rules were running. {CHANGES[Reason.TOO_MANY]}" if moment else ""


def _condition(_: Looking, decision: Decision) -> str:
    return f"`{decision.detail}`. {CHANGES[Reason.CONDITION_ERROR]}" if decision.detail else ""


_COMPUTED: Mapping[Reason, Callable[[Looking, Decision], str]] = {
    Reason.NO_CONSENT: _no_consent,
    Reason.ALREADY_SENT: _already,
    Reason.EXPIRED: _expired,
    Reason.CANCELLED: _cancelled,
    Reason.STOPPED: _stopped,
    Reason.PERSON_ONLY: _poor,
    Reason.PERSON_ON_IT: _tasks,
    Reason.NO_PROMOTION: _policy,
    Reason.NO_SURVEY: _policy,
    Reason.COOL_OFF: _cool_off,
    Reason.QUIET_HOURS: _quiet_hours,
    Reason.CAP: _cap,
    Reason.HOLDOUT: _holdout,
    Reason.CONDITION_ERROR: _condition,
    Reason.TOO_MANY: _too_many,
}

# The files whose present content the sentence is made of; the others tell of what is on record.
_OF_POLICY = frozenset({Reason.NO_CONSENT, Reason.PERSON_ONLY, Reason.NO_PROMOTION, Reason.NO_SURVEY, Reason.COOL_OFF, Reason.CAP, Reason.HOLDOUT})
_OF_RULE = frozenset({Reason.ALREADY_SENT, Reason.EXPIRED, Reason.STOPPED})
