"""Whole lives of customers under the shipped playbook: what happens to somebody, and what then reaches them."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from care_contracts.clock import DAY_MS
from care_contracts.records import Command, Decision, Event
from outreach.core.calendar import local, moment_of
from outreach.core.customer import Customer
from outreach.core.decide import Tick, decide
from outreach.playbook.load import load_folder

FOLDER = load_folder(Path(__file__).parents[3] / "playbook")
ZONE = FOLDER.playbook.policy.time_zone
TASKS_TAKE = DAY_MS // 8


@dataclass
class Life:
    """One customer. Times are `2026-03-02 10:00` by the shop's clock; whoever is asked to look after the customer is done three hours later."""

    customer: Customer
    commands: list[Command] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    number: int = 0

    def happens(self, at: str, event_type: str, **data: Any) -> None:
        self.goes_on_until(at)
        self._tell(event_type, ms(at), data)

    def buys(self, order: str, placed: str, delivered: str, **data: Any) -> None:
        self.happens(placed, "order.placed", order_id=order, total=24, product_name="Nordlicht")
        self.happens(delivered, "order.delivered", order_id=order, total=24, product_name="Nordlicht", **data)

    def goes_on_until(self, at: str) -> None:
        while (moment := self._next_moment()) is not None and moment <= ms(at):
            done = [task for task, end in self._tasks() if end <= moment]
            if done:
                self._tell("task.closed", moment, {"task_id": done[0]})
            else:
                self._note(decide(self.customer, Tick(moment), FOLDER.playbook))

    @property
    def reached(self) -> list[str]:
        """What came to the customer (letters, rewards) or to a person (`@care`), with the shop's local times."""
        return [f"{local(command.at, ZONE):%Y-%m-%d %H:%M} {'@' * (command.kind == 'alert')}{command.what}" for command in self.commands]

    @property
    def letters(self) -> list[Command]:
        return [command for command in self.commands if command.kind == "send"]

    def why_not(self, rule: str) -> set[str]:
        """The reasons for which something of a rule was held or not sent."""
        return {str(decision.reason) for decision in self.decisions if decision.rule == rule and decision.reason}

    def _tasks(self) -> list[tuple[str, int]]:
        return [(command.command_id, command.at + TASKS_TAKE) for command in self.commands if command.command_id in self.customer.tasks]

    def _next_moment(self) -> int | None:
        due = self.customer.next_due()
        return min([end for _, end in self._tasks()] + ([] if due is None else [due]), default=None)

    def _tell(self, event_type: str, at: int, data: dict[str, Any], source: str = "shop") -> None:
        self.number += 1
        event = Event(f"e{self.number}", source, event_type, self.customer.id, at, at, data)
        self._note(decide(self.customer, event, FOLDER.playbook))

    def _note(self, decided: Any) -> None:
        self.customer = decided.customer
        self.commands += decided.commands
        self.decisions += decided.decisions
        for command in decided.commands:
            if command.kind == "reward":
                self._tell("reward.granted", command.at, {"reward_id": command.command_id} | dict(command.options), source="careloop/outreach")


def ms(at: str) -> int:
    """A local time of the shop in ms since 1970."""
    return moment_of(datetime.fromisoformat(at), ZONE)
