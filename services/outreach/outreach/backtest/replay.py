"""One customer's events, replayed through the engine that decides live."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from care_contracts.records import Command, Decision, Event

from outreach.backtest.unreadable import Unread
from outreach.core.customer import Customer
from outreach.core.decide import Tick, decide
from outreach.core.rules import Playbook


@dataclass(slots=True)
class Life:
    """What comes of everything that happens to a customer: commands and decisions in the order in which they are taken."""

    customer: Customer
    playbook: Playbook
    unread: Unread
    commands: list[Command] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)

    def take(self, happening: Event | Tick, place: int) -> None:
        """Decides what happens. What cannot be decided is put aside without touching the rest, as it is live, and counts as unreadable."""
        try:
            decided = decide(self.customer, happening, self.playbook)
        except Exception as error:  # noqa: BLE001 - DESIGN section 8: what fails live goes to care.dead; its text could hold personal data
            self.unread.add(place, f"{type(error).__name__} while deciding")
            return
        self.customer = decided.customer
        self.commands += decided.commands
        self.decisions += decided.decisions


def live(customer_id: str, events: Iterable[tuple[int, Event]], playbook: Playbook, end: int, unread: Unread) -> Life:
    """Decides a customer's events (with their places) in their order, then lets time pass to `end` (ms since 1970)."""
    life, place = Life(Customer(customer_id), playbook, unread), 0
    for place, event in events:
        life.take(event, place)
    life.take(Tick(end), place)
    return life
