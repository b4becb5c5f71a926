"""One customer's events, replayed through the engine that decides live."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from care_contracts.records import Command, Decision, Event

from outreach.backtest.unreadable import Unread
from outreach.core.customer import Customer
from outreach.core.decide import Decided, Tick, decide, go_on
from outreach.core.rules import Playbook

Happenings = Sequence[tuple[int, Event | Tick]]


@dataclass(slots=True)
class Life:
    """What came of everything that happened to a customer: commands and decisions in the order in which they were taken."""

    playbook: Playbook
    commands: list[Command] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)

    def take(self, decided: Decided) -> Customer:
        """Keeps what was decided; gives the customer afterwards."""
        self.commands += decided.commands
        self.decisions += decided.decisions
        return decided.customer


def live(customer_id: str, events: Iterable[tuple[int, Event]], playbook: Playbook, end: int, unread: Unread) -> Life:
    """Decides a customer's events (with their places) in their order, then lets time pass to `end` (ms since 1970)."""
    happenings: Happenings = [*events, (-1, Tick(end))]
    try:
        return _straight_on(customer_id, happenings, playbook)
    except Exception:  # noqa: BLE001 - which happening it was, and what came of the others, is found out by the next line
        return _carefully(customer_id, happenings, playbook, unread)


def _straight_on(customer_id: str, happenings: Happenings, playbook: Playbook) -> Life:
    life, customer = Life(playbook), Customer(customer_id)
    for _, happening in happenings:
        customer = life.take(go_on(customer, happening, playbook, for_letters=False))
    return life


def _carefully(customer_id: str, happenings: Happenings, playbook: Playbook, unread: Unread) -> Life:
    """What cannot be decided is put aside without touching the rest, as it is live, and counts as unreadable at its place."""
    life, customer = Life(playbook), Customer(customer_id)
    place = 0
    for at, happening in happenings:
        place = at if at >= 0 else place
        try:
            customer = life.take(decide(customer, happening, playbook))
        except Exception as error:  # noqa: BLE001 - DESIGN section 8: what fails live goes to care.dead; its text could hold personal data
            unread.add(place, f"{type(error).__name__} while deciding")
    return life
