"""A story about one customer: what happens, what time does, and what Careloop makes of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from care_contracts.clock import parse_rfc3339, rfc3339
from care_contracts.records import Command, Decision, Event
from outreach.core.customer import Customer
from outreach.core.decide import Adopt, Tick, decide
from outreach.core.policy import Policy, QuietHours
from outreach.core.rules import LetterFacts, OnEvent, Playbook, Rule
from outreach.core.steps import Send


@dataclass(frozen=True)
class If:
    """A condition of the tests: a plain function of the scope."""

    judge: Callable[[Any], bool]
    source: str = "a condition"

    def __call__(self, scope: Any) -> bool:
        return self.judge(scope)


def ms(text: str) -> int:
    """`2026-03-02 10:00` in UTC as milliseconds."""
    return parse_rfc3339(text.replace(" ", "T") + ":00Z")


@dataclass
class Story:
    """Given a playbook, events happen and time passes; `said` tells what came of it as (time, verdict, what or reason)."""

    playbook: Playbook
    customer: Customer = field(default_factory=lambda: Customer("c1", traits={"email": "ann@example.com"}))
    commands: list[Command] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    number: int = 0
    earlier: dict[str, Playbook] = field(default_factory=dict)

    def happens(self, at: str, event_type: str, *, time: str = "", event_id: str = "", history: bool = False, source: str = "shop", **data: Any) -> None:
        self.number += 1
        event = Event(event_id or f"e{self.number}", source, event_type, "c1", ms(time or at), ms(at), data, history)
        self._take(decide(self.customer, event, self.playbook, self.earlier))

    def time_passes(self, to: str) -> None:
        self._take(decide(self.customer, Tick(ms(to)), self.playbook, self.earlier))

    def is_replaced(self, at: str, *rules: Rule, policy: Policy | None = None, surveys: tuple[str, ...] = ()) -> None:
        """Another version becomes active, with these rules."""
        self.time_passes(at)
        self.earlier[self.playbook.version] = self.playbook
        self.playbook = playbook_of(rules, policy or self.playbook.policy, surveys, version=f"v{len(self.earlier) + 1}")
        self._take(decide(self.customer, Adopt(ms(at)), self.playbook, self.earlier))

    def _take(self, decided: Any) -> None:
        self.customer = decided.customer
        self.commands += decided.commands
        self.decisions += decided.decisions

    @property
    def sent(self) -> list[tuple[str, str]]:
        return [(rfc3339(command.at)[:16].replace("T", " "), command.what) for command in self.commands]

    @property
    def reasons(self) -> list[str]:
        return [decision.reason for decision in self.decisions if decision.reason]


def rule(name: str, when: Any, *steps: Any, **more: Any) -> Rule:
    return Rule(name, "because", more.pop("purpose", "care"), when, steps, revision=more.pop("revision", "1"), **more)


def on(*types: str, condition: Any = None) -> OnEvent:
    return OnEvent(types, condition)


def playbook_of(rules: tuple[Rule, ...], policy: Policy, surveys: tuple[str, ...] = (), version: str = "v1") -> Playbook:
    letters = {step.letter: LetterFacts("csat" if step.letter in surveys else "") for rule in rules for step in rule.steps if isinstance(step, Send)}
    return Playbook(version, rules, policy, letters)


@pytest.fixture
def words() -> Any:
    """The words in which stories are told: If, rule, on, ms."""
    return type("Words", (), {"If": If, "rule": staticmethod(rule), "on": staticmethod(on), "ms": staticmethod(ms)})


@pytest.fixture
def tell() -> Callable[..., Story]:
    """Begins a story with these rules under this policy; letters are those that the rules send."""

    def begin(*rules: Rule, policy: Policy | None = None, surveys: tuple[str, ...] = ()) -> Story:
        return Story(playbook_of(rules, policy or Policy(), surveys))

    return begin


@pytest.fixture
def night() -> Policy:
    """A policy under which 20:00 to 08:00 is a time of rest."""
    return Policy(quiet_hours=QuietHours(20 * 60, 8 * 60))
