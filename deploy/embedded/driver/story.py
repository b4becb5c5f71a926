"""What happens to one customer and is not an answer to us: orders on their real days, deliveries, tickets, returns, failed payments."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Any

from care_contracts.clock import DAY_MS, rfc3339, to_ms

from deploy.embedded.driver.people import Person
from deploy.embedded.driver.purchases import Purchase

HOUR_MS = DAY_MS // 24
RECORDS = (
    "The Lighthouse Sessions",
    "Canal Street Blues",
    "Nordlicht",
    "Paper Boats",
    "A Year of Sundays",
    "Kleine Nachtwanderung",
    "Slow Trains",
    "Field Notes",
)
TROUBLES = ("The case arrived cracked", "Where is my parcel?", "Wrong record in the box", "Track 4 skips", "A question about my invoice")
PRIORITIES = ("low", "normal", "normal", "high", "urgent")


@dataclass(frozen=True, order=True)
class Fact:
    """An event that will be posted at `at` (ms since 1970); the id is the same in every run."""

    at: int
    id: str
    source: str = field(compare=False)
    type: str = field(compare=False)
    customer_id: str = field(compare=False)
    data: dict[str, Any] = field(compare=False, default_factory=dict)

    def body(self) -> dict[str, Any]:
        """The event as it is posted."""
        return {"id": self.id, "source": self.source, "type": self.type, "customer_id": self.customer_id, "time": rfc3339(self.at), "data": self.data}


class Story:
    """One customer's story; the dice are the customer's own, so that it does not depend on who else is played."""

    def __init__(self, who: Person, bought: list[Purchase], seed: int) -> None:
        self._who, self._bought = who, bought
        self._dice = random.Random(f"{seed}/story/{who.customer_id}")  # noqa: S311 - repeatable, no secret

    def facts(self) -> list[Fact]:
        """Everything that happens, in the order of time."""
        found = [fact for number, purchase in enumerate(self._bought, 1) for fact in self._order(f"{purchase.customer}-{number}", purchase)]
        at = min(found).at - HOUR_MS // 6
        traits = self._who.traits() | {"created_at": rfc3339(at)}
        created = Fact(at, f"{self._who.customer_id}.created", "shop", "customer.created", self._who.customer_id, traits)
        return sorted([created, *found])

    def _order(self, order_id: str, purchase: Purchase) -> Iterator[Fact]:
        at = to_ms(datetime.combine(purchase.day, time(self._dice.randint(7, 21), self._dice.randint(0, 59)), UTC))
        record = self._dice.choice(RECORDS)
        order = {"order_id": order_id, "total": purchase.dollars, "currency": "USD", "product_name": record}
        items = [{"sku": record.lower().replace(" ", "-"), "name": record, "quantity": purchase.cds}]
        if self._happens(self._who.temperament.payment):
            yield self._fact(
                at - HOUR_MS // 12, "payment.failed", order_id, {"order_id": order_id, "amount": purchase.dollars, "currency": "USD", "attempt": 1}
            )
        yield self._fact(at, "order.placed", order_id, order | {"items": items})
        shipped = at + self._hours(12, 36)
        yield self._fact(shipped, "order.shipped", order_id, {"order_id": order_id, "carrier": "Canal Post"})
        delivered = shipped + self._hours(24, 96)
        yield self._fact(delivered, "order.delivered", order_id, {"order_id": order_id, "total": purchase.dollars, "product_name": record})
        yield from self._afterwards(delivered, order_id)

    def _afterwards(self, delivered: int, order_id: str) -> Iterator[Fact]:
        if self._happens(self._who.temperament.ticket):
            yield from self._ticket(delivered + self._hours(4, 60), order_id)
        if self._happens(self._who.temperament.returns):
            yield self._fact(delivered + self._hours(100, 220), "order.returned", order_id, {"order_id": order_id, "reason": "did not fit my taste"})

    def _ticket(self, at: int, order_id: str) -> Iterator[Fact]:
        ticket = f"T-{order_id}"
        trouble = {"subject": self._dice.choice(TROUBLES), "priority": self._dice.choice(PRIORITIES), "channel": "email", "order_id": order_id}
        yield self._fact(at, "ticket.opened", ticket, {"ticket_id": ticket} | trouble, "helpdesk")
        replied = at + self._hours(1, 12)
        yield self._fact(replied, "ticket.replied", ticket, {"ticket_id": ticket, "by": "agent"}, "helpdesk")
        yield self._fact(replied + self._hours(2, 48), "ticket.resolved", ticket, {"ticket_id": ticket, "resolution": "solved", "agent": "sam"}, "helpdesk")

    def _fact(self, at: int, kind: str, about: str, data: dict[str, Any], source: str = "shop") -> Fact:
        return Fact(at, f"{about}.{kind}", source, kind, self._who.customer_id, data)

    def _happens(self, probability: float) -> bool:
        return self._dice.random() < probability

    def _hours(self, least: int, most: int) -> int:
        return round(self._dice.uniform(least, most) * HOUR_MS)
