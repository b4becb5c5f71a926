"""One customer's turn: what is being worked on while a happening is decided, and what has come of it so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from care_contracts.reasons import Reason, Verdict
from care_contracts.records import Command, Decision

from outreach.core.conditions import Condition, ConditionError, Scope
from outreach.core.customer import Customer, Instance
from outreach.core.rules import Playbook, Rule
from outreach.core.view import View

Data = Mapping[str, Any]


@dataclass(slots=True)
class Turn:
    """`now` is the moment being decided (ms since 1970); commands and decisions are in the order in which they were taken."""

    customer: Customer
    playbook: Playbook
    now: int
    commands: list[Command] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    ready: list[Instance] = field(default_factory=list)
    _view: View | None = None

    def view(self) -> View:
        """The customer as of this moment."""
        if self._view is None or self._view.now != self.now:
            policy = self.playbook.policy
            self._view = View(self.customer, self.now, policy.languages[0], policy.health)
        return self._view

    def changed(self) -> None:
        """The customer was changed, so that what was seen of them before is no longer true."""
        self._view = None

    def record(self, verdict: Verdict, instance: Instance, reason: Reason | None = None, **more: Any) -> None:
        """Notes a decision about a running rule."""
        more.setdefault("step", instance.path)
        self.record_for(verdict, instance.rule, instance.occurrence, reason, **more)

    def record_for(self, verdict: Verdict, rule: str, occurrence: str, reason: Reason | None = None, step: str = "", **more: Any) -> None:
        """Notes a decision about a rule that may not be running."""
        self.decisions.append(Decision(verdict, self.now, self.customer.id, rule, occurrence, step, self.playbook.version, reason, **more))

    def end(self, instance: Instance, verdict: Verdict, reason: Reason, detail: str = "", what: str = "") -> None:
        """Ends a running rule before its last step, with the reason."""
        self.record(verdict, instance, reason, detail=detail, what=what)
        self.customer.instances.remove(instance)

    def holds(
        self, condition: Condition | None, rule: Rule, occurrence: str, *, event: Data | None = None, trigger: Data | None = None, answer: Data | None = None
    ) -> bool:
        """Whether a condition holds; one that cannot be judged counts as not met, with a record of why (Semantics 1)."""
        if condition is None:
            return True
        try:
            return condition(Scope(self.view(), self.now, event, trigger, answer))
        except ConditionError as error:
            self.record_for(Verdict.NOT_MET, rule.id, occurrence, Reason.CONDITION_ERROR, detail=f"{condition.source}: {error}")
            return False

    def holds_for(self, condition: Condition | None, rule: Rule, instance: Instance) -> bool:
        """Whether a step's condition holds: in steps `event` is what began the rule, `answer` what was waited for (Semantics 9)."""
        return self.holds(condition, rule, instance.occurrence, event=instance.trigger, trigger=instance.trigger, answer=instance.answer)
