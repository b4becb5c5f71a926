"""One customer's turn: what is being worked on while a happening is decided, and what has come of it so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from care_contracts.reasons import Reason, Verdict
from care_contracts.records import Command, Decision

from outreach.core.conditions import Condition, ConditionError, Scope
from outreach.core.customer import Customer, Instance, Task
from outreach.core.rules import LetterFacts, Playbook, Rule
from outreach.core.view import View

Data = Mapping[str, Any]


class Earlier(Protocol):
    """The playbook's earlier versions, for the rules that began under them."""

    def get(self, version: str) -> Playbook | None:
        """The version with this content hash; None when it cannot be found any more."""
        ...


class NoEarlier:
    """For where there is one version only: examples, previews, backtests."""

    def get(self, version: str) -> Playbook | None:  # noqa: ARG002 - it is asked like any other
        """None, whatever the version."""
        return None


NO_EARLIER = NoEarlier()


@dataclass(slots=True)
class Turn:
    """`now` is the moment being decided (ms since 1970); commands and decisions are in the order in which they were taken.

    `playbook` is the active version: what begins, and every guard, is its. A running rule is that of its own version.
    """

    customer: Customer
    playbook: Playbook
    now: int
    earlier: Earlier = NO_EARLIER
    for_letters: bool = True
    commands: list[Command] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    ready: list[Instance] = field(default_factory=list)
    view: View = field(init=False)

    def __post_init__(self) -> None:
        """The view is the customer as of this moment."""
        policy = self.playbook.policy
        self.view = View(self.customer, self.now, policy.languages[0], policy.health)

    def move_to(self, moment: int) -> None:
        """This turn goes on at that moment (ms since 1970)."""
        if moment != self.now:
            self.now = self.view.now = moment
            self.view.forget()

    def replace_customer(self, customer: Customer) -> None:
        """This turn goes on with another record of the customer."""
        self.customer = self.view.customer = customer
        self.view.forget()

    def stir(self) -> None:
        """A step changed the customer's tags or points."""
        self.customer.stirred = True
        self.view.forget()

    def version_of(self, running: Instance | Task) -> str:
        """The version that a running rule or a task belongs to."""
        return running.version or self.playbook.version

    def playbook_of(self, running: Instance | Task) -> Playbook | None:
        """That version; None when it cannot be found any more."""
        return self.playbook if running.version in ("", self.playbook.version) else self.earlier.get(running.version)

    def rule_of(self, running: Instance | Task) -> Rule | None:
        """The rule as it was when it began; None when it cannot be found any more."""
        playbook = self.playbook_of(running)
        return playbook.by_id.get(running.rule) if playbook else None

    def letter_of(self, instance: Instance, letter: str) -> LetterFacts:
        """What is known of a letter in the version of a running rule."""
        playbook = self.playbook_of(instance)
        return (playbook.letters.get(letter) if playbook else None) or LetterFacts()

    def record(self, verdict: Verdict, instance: Instance, reason: Reason | None = None, **more: Any) -> None:
        """Notes a decision about a running rule."""
        about = (verdict, self.now, self.customer.id, instance.rule, instance.occurrence, instance.path, instance.version or self.playbook.version, reason)
        self.decisions.append(Decision(*about, **more))

    def record_for(self, verdict: Verdict, rule: str, occurrence: str, reason: Reason | None = None, step: str = "", playbook: str = "", **more: Any) -> None:
        """Notes a decision about a rule that may not be running; by the active version unless another is named."""
        self.decisions.append(Decision(verdict, self.now, self.customer.id, rule, occurrence, step, playbook or self.playbook.version, reason, **more))

    def end(self, instance: Instance, verdict: Verdict, reason: Reason, detail: str = "", what: str = "") -> None:
        """Ends a running rule before its last step, with the reason."""
        self.record(verdict, instance, reason, detail=detail, what=what)
        self.customer.instances.remove(instance)

    def holds(self, condition: Condition | None, rule: Rule, occurrence: str = "", *, event: Data | None = None, trigger: Data | None = None) -> bool:
        """Whether the condition of a rule that may begin holds; one that cannot be judged counts as not met, with a record of why (Semantics 1)."""
        return condition is None or self._holds(condition, Scope(self.view, self.now, event, trigger), rule, occurrence, self.playbook.version)

    def holds_for(self, condition: Condition | None, rule: Rule, instance: Instance, event: Data | None = None) -> bool:
        """Whether a running rule's condition holds: in steps `event` is what began it, `answer` what was waited for (Semantics 9)."""
        if condition is None:
            return True
        scope = Scope(self.view, self.now, instance.trigger if event is None else event, instance.trigger, instance.answer)
        return self._holds(condition, scope, rule, instance.occurrence, self.version_of(instance))

    def _holds(self, condition: Condition, scope: Scope, rule: Rule, occurrence: str, version: str) -> bool:
        try:
            return condition(scope)
        except ConditionError as error:
            self.record_for(Verdict.NOT_MET, rule.id, occurrence, Reason.CONDITION_ERROR, detail=f"{condition.source}: {error}", playbook=version)
            return False
