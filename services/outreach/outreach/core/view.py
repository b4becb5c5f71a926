"""What conditions and letters see of a customer: plain values, and questions about windows of the past."""

from bisect import bisect_right
from collections.abc import Callable, Mapping
from typing import Any

from outreach.core.customer import Customer, Entry
from outreach.core.health import HealthRules, health
from outreach.core.history import DAY, within

NEVER_DAYS = 1_000_000
BAD_WEIGHT = 12
BALANCE_WINDOW = 365 * DAY
BUILT_IN = HealthRules()


class View:
    """The customer at one moment. `next_change` is when an answer given so far will be different although nothing happens (ms)."""

    __slots__ = ("_plain", "customer", "default_language", "next_change", "now", "rules")

    def __init__(self, customer: Customer, now: int, default_language: str = "en", rules: HealthRules = BUILT_IN) -> None:
        self.customer = customer
        self.now = now
        self.default_language = default_language
        self.rules = rules
        self.next_change: int | None = None
        self._plain: dict[str, Any] | None = None

    def forget(self) -> None:
        """The customer was changed, or time passed: what was seen of them before is no longer true."""
        self._plain = None

    def plain(self) -> Mapping[str, Any]:
        """Traits and computed values as plain data."""
        if self._plain is None:
            self._plain = self.customer.traits | {name: compute(self) for name, compute in COMPUTED.items()} | self.customer.scores
        return self._plain

    def field(self, name: str) -> Any:
        """One of the plain values, None where there is no such thing; most conditions ask for a single one, and always anew for `next_change`."""
        if name in self.customer.scores:
            return self.customer.scores[name]
        compute = COMPUTED.get(name)
        return compute(self) if compute else self.customer.traits.get(name)

    def count(self, event_type: str, window: int) -> int:
        """How often the event happened in the last `window` milliseconds."""
        return sum(many for _, many, _ in self._entries(event_type, window))

    def sum(self, event_type: str, field: str, window: int) -> float:
        """The sum of a number field over the last `window` milliseconds."""
        return float(sum(numbers.get(field, 0) for _, _, numbers in self._entries(event_type, window)))

    def days_since(self, event_type: str) -> int:
        """Whole days since the event last happened; NEVER_DAYS when it never did."""
        past = self.customer.history.get(event_type)
        if past is None:
            return NEVER_DAYS
        days = max(0, self.now - past.last) // DAY
        self.changes_at(past.last + (days + 1) * DAY)
        return days

    def last(self, event_type: str) -> Mapping[str, Any] | None:
        """What is remembered of the latest such event."""
        past = self.customer.history.get(event_type)
        return past.latest if past else None

    def poor(self, window: int) -> int:
        """Poor experiences in the last `window` milliseconds."""
        return self._within(self.customer.poor, window)

    def good(self, window: int) -> int:
        """Good experiences in the last `window` milliseconds."""
        return self._within(self.customer.good, window)

    def ask_anew(self) -> None:
        """What is asked from here on is another question, with a `next_change` of its own."""
        self.next_change = None

    def changes_at(self, moment: int) -> None:
        """Notes that an answer given now will be different from `moment` (ms) on."""
        self.next_change = moment if self.next_change is None else min(self.next_change, moment)

    def _entries(self, event_type: str, window: int) -> list[Entry]:
        entries = within(self.customer.history.get(event_type), self.now, window)
        if entries:
            self.changes_at(entries[0][0] + window)
        return entries

    def _within(self, moments: list[int], window: int) -> int:
        """How many of the moments, which are in order, lie in the window."""
        if not moments:
            return 0
        first, end = bisect_right(moments, self.now - window), bisect_right(moments, self.now)
        if first < end:
            self.changes_at(moments[first] + window)
        return end - first


def _orders(view: View) -> int:
    past = view.customer.history.get("order.placed")
    return past.total if past else 0


def _health(view: View) -> dict[str, Any]:
    return health(view.poor(view.rules.window), view.good(view.rules.window), view.rules)


def _care_balance(view: View) -> int:
    return view.good(BALANCE_WINDOW) - BAD_WEIGHT * view.poor(BALANCE_WINDOW)


COMPUTED: Mapping[str, Callable[[View], Any]] = {
    "id": lambda view: view.customer.id,
    "orders": _orders,
    "spent": lambda view: view.customer.spent,
    "points": lambda view: view.customer.points,
    "open_tickets": lambda view: len(view.customer.open_tickets),
    "tags": lambda view: list(view.customer.tags),
    "language": lambda view: view.customer.traits.get("language", view.default_language),
    "first_seen": lambda view: view.customer.first_seen,
    "health": _health,
    "care_balance": _care_balance,
}
"""What is computed rather than told; it hides a trait of the same name."""

SCORES = ("csat", "nps", "ces", "thumbs")  # a closed list, because scores stand beside what is computed of the customer
LATER = ("alive",)  # the probability that somebody is still a customer: missing until it is fitted, so that a condition on it is not met
NEVER_TOLD = frozenset({*COMPUTED, *SCORES, *LATER} - {"language"})
"""What no event may tell of a customer, because it is computed; `language` is told, and computed where it is not."""
