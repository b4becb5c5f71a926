"""Decides a customer's stored events again through the core, to see what was known and judged at each moment; nothing is sent, nothing is kept."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from care_contracts.records import Decision, Event

from outreach.core.conditions import Condition, Scope
from outreach.core.customer import Customer
from outreach.core.decide import Decided, Tick, decide
from outreach.core.rules import Playbook, Rule
from outreach.core.steps import StopIf
from outreach.playbook.telling import Seen, look

REMEMBERED = 200
Key = tuple[object, ...]


class Witness:
    """A condition that is judged as ever, while what it saw is written down; `only_objections` leaves out what did not hold."""

    def __init__(self, condition: Condition, seen: deque[Seen], *, only_objections: bool) -> None:
        self.source = condition.source
        self._condition, self._seen, self._only = condition, seen, only_objections

    def __call__(self, scope: Scope) -> bool:
        """As the condition itself, with the same errors."""
        held = False
        try:
            held = self._condition(scope)
        finally:
            if held or not self._only:
                self._seen.append(look(self._condition, scope))
        return held


@dataclass(frozen=True, slots=True)
class Moment:
    """One call of the core: the customer before, and what came of it."""

    before: Customer
    happening: Event | Tick
    decided: Decided


@dataclass(slots=True)
class Replay:
    """The moments in their order, what guards and steps saw when they objected, and each judgement of the `watched` rule's beginning."""

    customer: Customer
    moments: list[Moment] = field(default_factory=list)
    objections: deque[Seen] = field(default_factory=deque)
    beginnings: deque[Seen] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    _decided: dict[Key, Moment] = field(default_factory=dict)

    def moment_of(self, decision: Decision) -> Moment | None:
        """The moment in which the same was decided; None when the playbook would decide otherwise today."""
        return self._decided.get(key(decision))

    def seen(self, source: str, at: int) -> Seen | None:
        """What a condition that objected at the moment `at` (ms) saw."""
        return next((seen for seen in reversed(self.objections) if seen.source == source and seen.at == at), None)

    @property
    def decisions(self) -> list[Decision]:
        """Everything that would be decided today."""
        return [decision for moment in self.moments for decision in moment.decided.decisions]

    def happen(self, happening: Event | Tick, playbook: Playbook) -> None:
        """One more moment."""
        moment = Moment(self.customer, happening, decide(self.customer, happening, playbook))
        self.moments.append(moment)
        self._decided |= {key(decision): moment for decision in moment.decided.decisions}
        self.customer = moment.decided.customer


def key(decision: Decision) -> Key:
    """What makes two decisions the same, whichever version of the playbook took them."""
    return (decision.at, decision.rule, decision.occurrence, decision.step, decision.verdict, decision.reason)


def replay(customer_id: str, events: Iterable[Event], playbook: Playbook, now: int, watched: str = "") -> Replay:
    """Everything again up to the moment `now` (ms since 1970); `watched` is the rule whose beginning is looked at."""
    again = Replay(Customer(customer_id))
    witnessed = _witnessed(playbook, again, watched)
    for event in events:
        again.happen(event, witnessed)
    again.happen(Tick(now), witnessed)
    return again


def _witnessed(playbook: Playbook, again: Replay, watched: str) -> Playbook:
    def objecting(condition: Condition | None) -> Condition | None:
        return Witness(condition, again.objections, only_objections=True) if condition else None

    policy = playbook.policy
    policy = replace(policy, no_promotion_while=objecting(policy.no_promotion_while), no_survey_while=objecting(policy.no_survey_while))
    rules = tuple(_watch(_steps(rule, again), again) if rule.id == watched else _steps(rule, again) for rule in playbook.rules)
    return replace(playbook, policy=policy, rules=rules)


def _steps(rule: Rule, again: Replay) -> Rule:
    steps = tuple(
        replace(step, condition=Witness(step.condition, again.objections, only_objections=True)) if isinstance(step, StopIf) else step for step in rule.steps
    )
    return replace(rule, steps=steps)


def _watch(rule: Rule, again: Replay) -> Rule:
    if rule.when.condition is None:
        return rule
    return replace(rule, when=replace(rule.when, condition=Witness(rule.when.condition, again.beginnings, only_objections=False)))
