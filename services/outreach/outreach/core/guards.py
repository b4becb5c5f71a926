"""What no rule can skip: the guards, asked in the order of the playbook's manual; the first objection wins."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from care_contracts.reasons import Reason

from outreach.core.calendar import quiet_until, span
from outreach.core.conditions import Condition, ConditionError, Scope
from outreach.core.customer import Instance, Sent
from outreach.core.note import normal_address
from outreach.core.policy import Cap, Policy
from outreach.core.rules import MODES, Rule, Step
from outreach.core.steps import Send
from outreach.core.turn import Turn


@dataclass(frozen=True, slots=True)
class Objection:
    """Why not (now). `until` (ms since 1970) is set when the message is to be held and asked about again then."""

    reason: Reason
    detail: str = ""
    until: int | None = None


@dataclass(slots=True)  # not frozen, because one is made for every letter, and it lives for one question only
class Case:
    """What the guards are asked about: one step of one running rule."""

    turn: Turn
    rule: Rule
    instance: Instance
    step: Step
    command_id: str

    @property
    def not_after(self) -> int:
        """The last moment (ms) at which the step is still of use."""
        return self.instance.moment + self.rule.expires_after

    @property
    def asks(self) -> bool:
        """Whether the letter asks the customer something."""
        return self.rule.purpose == "survey" or (isinstance(self.step, Send) and bool(self.turn.letter_of(self.instance, self.step.letter).survey))

    @property
    def mode(self) -> str:
        """The stricter of what the rule said when it began and what it says now: whoever switches a rule off means it."""
        now = self.turn.playbook.by_id.get(self.rule.id)
        return self.rule.mode if now is None or now is self.rule else min(self.rule.mode, now.mode, key=MODES.index)


Guard = Callable[[Case], Objection | None]


def _off(case: Case) -> Objection | None:
    return Objection(Reason.OFF) if case.mode == "off" else None


def _erased(case: Case) -> Objection | None:
    return Objection(Reason.ERASED) if case.turn.customer.erased else None


def _no_address(case: Case) -> Objection | None:
    return None if case.turn.customer.traits.get("email") else Objection(Reason.NO_ADDRESS)


def _suppressed(case: Case) -> Objection | None:
    customer = case.turn.customer
    return Objection(Reason.SUPPRESSED) if normal_address(customer) in customer.unreachable else None


def _no_consent(case: Case) -> Objection | None:
    purpose, consents = case.rule.purpose, case.turn.customer.consents
    granted = consents.get(purpose, case.turn.playbook.policy.consents.get(purpose, False))
    return None if granted else Objection(Reason.NO_CONSENT, purpose)


def _already_sent(case: Case) -> Objection | None:
    known = any(sent.command_id == case.command_id for sent in case.turn.customer.sent)
    return Objection(Reason.ALREADY_SENT) if known else None


def _expired(case: Case) -> Objection | None:
    if case.instance.moment <= case.instance.not_before:
        return Objection(Reason.EXPIRED, "it fell due before the history was imported")
    if case.turn.now <= case.not_after:
        return None
    return Objection(Reason.EXPIRED, f"held by {case.instance.held_by}" if case.instance.held_by else "")


def _stopped(case: Case) -> Objection | None:
    """A stop_if since the last wait is judged again at release (Semantics 6)."""
    for path in case.instance.stops:
        step = case.rule.steps[case.rule.places[path]]
        if case.turn.holds_for(getattr(step, "condition", None), case.rule, case.instance):
            return Objection(Reason.STOPPED, getattr(step, "condition").source)  # noqa: B009 - stops are paths of StopIf steps
    return None


def _person_only(case: Case) -> Objection | None:
    rule = case.turn.playbook.policy.person_only
    if rule is None or case.rule.purpose == "service":
        return None
    poor = case.turn.view.poor(rule.within)
    return Objection(Reason.PERSON_ONLY, f"{poor} poor experiences") if poor >= rule.failures else None


def _person_on_it(case: Case) -> Objection | None:
    if case.rule.purpose == "service" or not case.turn.customer.tasks:
        return None
    return Objection(Reason.PERSON_ON_IT)


def _forbidden(case: Case, condition: Condition | None, reason: Reason) -> Objection | None:
    """A guard that cannot be judged is an objection (Semantics 1)."""
    if condition is None:
        return None
    try:
        return Objection(reason, condition.source) if condition(Scope(case.turn.view, case.turn.now)) else None
    except ConditionError as error:
        return Objection(reason, f"{condition.source}: {error}")


def _no_promotion(case: Case) -> Objection | None:
    return _forbidden(case, case.turn.playbook.policy.no_promotion_while, Reason.NO_PROMOTION) if case.rule.purpose == "promotion" else None


def _no_survey(case: Case) -> Objection | None:
    return _forbidden(case, case.turn.playbook.policy.no_survey_while, Reason.NO_SURVEY) if case.asks else None


def _cool_off(case: Case) -> Objection | None:
    rest = case.turn.playbook.policy.cool_off
    if rest is None or not (case.rule.purpose in rest.blocks or (case.asks and "survey" in rest.blocks)):
        return None
    now = case.turn.now
    return Objection(Reason.COOL_OFF) if any(now - rest.for_ms < at <= now for at in case.turn.customer.low_scores) else None


def _quiet_hours(case: Case) -> Objection | None:
    policy = case.turn.playbook.policy
    if policy.quiet_hours is None or case.rule.purpose == "service":
        return None
    until = quiet_until(case.turn.now, time_zone(case.turn), policy.quiet_hours)
    return None if until is None else Objection(Reason.QUIET_HOURS, until=until)


def _cap(case: Case) -> Objection | None:
    policy, purpose = case.turn.playbook.policy, case.rule.purpose
    if purpose == "service":
        return None
    counted = [sent for sent in case.turn.customer.sent if _counts(case, sent)]
    full = full_caps(policy, purpose, counted, case.turn.now)
    if not full:
        return None
    hold = (case.rule.when_capped or policy.when_capped) == "hold"
    last = max(full, key=lambda one: one.frees)
    return Objection(Reason.CAP, last.words, last.frees if hold else None)


def _counts(case: Case, sent: Sent) -> bool:
    """Service letters use no slots; what a shadow rule would have sent counts for that rule alone (Semantics 8)."""
    return sent.purpose != "service" and (not sent.shadow or (case.mode == "shadow" and sent.rule == case.rule.id))


@dataclass(frozen=True, slots=True)
class Full:
    """A cap of the policy's list `of` that lets nothing more through before `frees` (ms since 1970), because of the messages `used`, oldest first."""

    of: str
    cap: Cap
    used: tuple[Sent, ...]
    frees: int

    @property
    def words(self) -> str:
        """`care: at most 1 in 7 days`."""
        return f"{self.of}: at most {self.cap.at_most} in {span(self.cap.per)}"


def full_caps(policy: Policy, purpose: str, sent: list[Sent], now: int) -> list[Full]:
    """The caps that `sent` leaves no room in at the moment `now` (ms since 1970); those over all purposes first."""
    own = [one for one in sent if one.purpose == purpose]
    asked = [("all", cap, sent) for cap in policy.caps.get("all", ())] + [(purpose, cap, own) for cap in policy.caps.get(purpose, ())]
    return [full for of, cap, counted in asked if (full := _full(of, cap, counted, now)) is not None]


def _full(of: str, cap: Cap, sent: list[Sent], now: int) -> Full | None:
    """None when the cap lets one more message through now. A slot is free again at exactly `+per`."""
    used = [one for one in sent if now < one.at + cap.per]
    if len(used) < cap.at_most:
        return None
    used.sort(key=lambda one: one.at)
    return Full(of, cap, tuple(used), used[len(used) - cap.at_most].at + cap.per)


def _holdout(case: Case) -> Objection | None:
    holdout = case.turn.playbook.policy.holdout
    if case.rule.purpose not in holdout.purposes or not holdout.share:
        return None
    return Objection(Reason.HOLDOUT) if share_of(f"holdout|{case.turn.customer.id}") < holdout.share else None


def _shadow(case: Case) -> Objection | None:
    return Objection(Reason.SHADOW) if case.mode == "shadow" else None


def share_of(name: str) -> float:
    """A number in [0, 1) that belongs to the name for ever, evenly spread over names."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest()) / 2**64


def time_zone(turn: Turn) -> str:
    """The customer's time zone, or the policy's for customers without their own."""
    return str(turn.customer.traits.get("time_zone") or turn.playbook.policy.time_zone)


# `cancelled` is not asked here: a cancelled rule has ended by the time a message would be released.
FOR_EVERYTHING: tuple[Guard, ...] = (_off, _erased, _already_sent, _expired, _stopped, _holdout, _shadow)
FOR_LETTERS: tuple[Guard, ...] = (
    *(_off, _erased, _no_address, _suppressed, _no_consent, _already_sent, _expired, _stopped, _person_only, _person_on_it),
    *(_no_promotion, _no_survey, _cool_off, _quiet_hours, _cap, _holdout, _shadow),
)


def first_objection(case: Case) -> Objection | None:
    """The first guard's objection to the step, None when all agree."""
    for guard in FOR_LETTERS if isinstance(case.step, Send) else FOR_EVERYTHING:
        objection = guard(case)
        if objection is not None:
            return objection
    return None
