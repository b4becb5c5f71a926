"""Random lives of one customer: what happens to them, in which order we hear of it, and what becomes of our letters."""

import signal
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from random import Random
from typing import Any

from care_contracts.clock import to_ms
from care_contracts.playbooks import activated, activation
from care_contracts.records import Command, Decision, Event
from outreach.core.customer import Customer
from outreach.core.decide import Adopt, Decided, Happening, Tick, decide
from outreach.core.rules import Playbook, Rule

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
ZONES = ("Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "Pacific/Apia", "no/where", None)
EMAILS = ("ann@example.com", "ann@example.com", "Ann@Example.com ", "ann@example.com", "new@example.com", "new@example.com", "ann@example.com", None)
RARE = ("customer.deleted", "message.complained", "message.bounced")
BEGINNINGS = tuple(to_ms(datetime(*day, tzinfo=UTC)) for day in ((2026, 3, 20, 9), (2026, 10, 20, 0), (2024, 2, 27, 23)))
GAPS = (0, 0, 1, 10 * MINUTE, HOUR, 4 * HOUR, 7 * HOUR, 11 * HOUR, DAY, 2 * DAY, 5 * DAY)
LATE = (0, 0, 0, MINUTE, HOUR, 2 * DAY, -5 * MINUTE)
KINDS = (
    *("order.returned", "product.used", "product.used", "payment.failed", "review.posted", "again"),
    *("order.placed",) * 8,
    *("order.delivered",) * 4,
    *("ticket.opened", "ticket.opened", "ticket.resolved", "ticket.resolved", "ticket.reopened"),
    *("task.opened", *("task.closed",) * 5, "task.claimed"),
    *("consent.changed", "consent.changed", "survey.answered", "survey.answered", "customer.updated", "customer.updated", "customer.updated"),
    *("message.failed", "message.failed", "message.suppressed", *RARE),
    *("reward.granted", "reward.redeemed", "playbook", "playbook", "playbook"),
)


@dataclass(frozen=True)
class Beat:
    """One thing that happens: what, how long after the last one we hear of it, how late that is, and a number from which its data follow."""

    kind: str
    gap: int
    late: int
    number: int
    history: bool


Script = tuple[int, list[Beat]]


def beat_by(dice: Random) -> Beat:
    gap = dice.choice((*GAPS, dice.randrange(3 * DAY // MINUTE) * MINUTE))
    return Beat(dice.choice(KINDS), gap, dice.choice(LATE), dice.randrange(24), dice.random() < 0.05)


def script_by(dice: Random, most: int) -> Script:
    """A life of up to `most` events, and when it begins."""
    return dice.choice(BEGINNINGS), [beat_by(dice) for _ in range(dice.randint(min(most, 25), most))]


def data_of(kind: str, number: int, ours: list[str]) -> dict[str, Any]:
    """What such an event tells; `ours` are the commands given so far, to which some events answer."""
    answered, order = ours[-1 - number % len(ours)] if ours else "unknown", f"A{number % 4}"
    ticket = {"ticket_id": f"T{number % 3}", "priority": ("normal", "high")[number % 2]}
    task = {"task_id": answered if ours and number % 4 else f"desk-{number % 3}"}
    message = {"command_id": answered, "class": ("hard", "policy", "in_doubt")[number % 3]}
    score = {"survey": "csat", "kind": ("csat", "nps", "ces")[number % 3], "score": number % 8, "command_id": answered, "order_id": order}
    others: dict[str, dict[str, Any]] = {
        "customer.created": _traits(number),
        "customer.updated": _traits(number),
        "consent.changed": {"purpose": ("care", "survey", "promotion", "*")[number % 4], "granted": number % 3 > 0},
        "survey.answered": score,
        "review.posted": {"review_id": f"R{number}", "rating": number % 5 + 1},
    }
    reward: dict[str, Any] = {"reward_id": answered, "points": (number - 4) * 5}
    families = {"ticket": ticket, "task": task, "message": message, "reward": reward}
    return others.get(kind) or families.get(kind.partition(".")[0]) or ({"order_id": order, "total": number * 3} if number % 5 else {"order_id": order})


def _traits(number: int) -> dict[str, Any]:
    """Some of the traits, and sometimes one taken back."""
    told = {"email": EMAILS[number // 2 % 8], "time_zone": ZONES[number % 8], "birthday": "1984-02-29", "created_at": "2020-03-29T01:30:00Z", "stamps": number}
    return {name: value for place, (name, value) in enumerate(told.items()) if number % (place + 2) != 1}


@contextmanager
def ends_soon(seconds: float = 10) -> Iterator[None]:
    """A decision that never ends fails here, instead of standing still with the whole suite."""

    def give_up(*_: object) -> None:
        raise AssertionError(f"expected a decision, got none within {seconds} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@dataclass
class Life:
    """A customer, what happened to them so far, and what was decided about it; `versions` are those of the playbook that may become active."""

    playbook: Playbook
    customer: Customer = field(default_factory=lambda: Customer("c1"))
    versions: Mapping[str, Playbook] = field(default_factory=dict)
    commands: list[Command] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def take(self, happening: Event | Tick) -> Decided:
        """Lets the happening happen."""
        decided, said = [], activated(happening) if isinstance(happening, Event) else None
        if isinstance(happening, Event) and said:
            decided = [self._decide(Tick(happening.recorded))]
            self.playbook = self.versions[said[0]]
            decided.append(self._decide(Adopt(happening.recorded)))
        else:
            decided = [self._decide(happening)]
        if isinstance(happening, Event):
            self.events.append(happening)
        return Decided(self.customer, *(tuple(chain(*parts)) for parts in ((d.commands for d in decided), (d.decisions for d in decided))))

    def _decide(self, happening: Happening) -> Decided:
        with ends_soon():
            decided = decide(self.customer, happening, self.playbook, self.versions)
        self.customer = decided.customer
        self.commands += decided.commands
        self.decisions += decided.decisions
        return decided

    def rule(self, version: str, rule_id: str) -> Rule:
        """The rule as it was in a version."""
        return self.versions[version].by_id[rule_id]


def begun(playbooks: Sequence[Playbook]) -> Life:
    """A life of which nothing has happened yet; the first version is active."""
    return Life(playbooks[0], versions={playbook.version: playbook for playbook in playbooks})


def events_of(life: Life, beginning: int, script: Iterable[Beat]) -> Iterator[Event]:
    """The events of a script, one by one while the life takes them, because some answer to what was sent before."""
    now = beginning
    yield Event("e0", "shop", "customer.created", "c1", beginning - DAY, beginning, data_of("customer.created", 2, []))
    for number, beat in enumerate(script, 1):
        now += beat.gap
        if beat.kind == "again":
            told = [event for event in life.events if activated(event) is None]
            yield told[-1 - beat.number % len(told)]
        elif beat.kind == "playbook":
            yield activation([*life.versions][beat.number % len(life.versions)], "", now)
        else:
            yield _event(life, number, beat, now)


def _event(life: Life, number: int, beat: Beat, now: int) -> Event:
    kind = "order.placed" if beat.kind in RARE and beat.number else beat.kind
    family = kind.partition(".")[0]
    asked = {"task": "alert", "reward": "reward"}.get(family, "send")
    ours = [command.command_id for command in life.commands if command.kind == asked]
    own = family == "message" or (kind == "reward.granted" and beat.number % 2)
    source = "careloop/courier" if own else "shop"
    return Event(f"e{number}", source, kind, "c1", now - beat.late, now, data_of(kind, beat.number, ours), beat.history)


def lived(playbooks: Sequence[Playbook], beginning: int, script: Iterable[Beat]) -> Life:
    """The life from its beginning to its last event."""
    life = begun(playbooks)
    for event in events_of(life, beginning, script):
        life.take(event)
    return life


def replayed(playbooks: Sequence[Playbook], happenings: Iterable[Event | Tick]) -> Life:
    """The same again from a record sequence."""
    life = begun(playbooks)
    for happening in happenings:
        life.take(happening)
    return life
