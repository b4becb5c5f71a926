"""What holds for every rule: brand, languages, consents, quiet hours, caps, guards, teams."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

from outreach.core.conditions import Condition
from outreach.core.health import HealthRules

DAY = 86_400_000
PURPOSES = ("care", "survey", "promotion", "service", "staff")
DEFAULT_CONSENTS: Mapping[str, bool] = MappingProxyType({"care": True, "survey": True, "service": True, "promotion": False})


@dataclass(frozen=True, slots=True)
class Brand:
    """Who writes. `address` is the postal address in the footer."""

    name: str = "Careloop"
    from_: str = "care@localhost"
    reply_to: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `at_most` messages in any half-open window of `per` milliseconds."""

    at_most: int
    per: int


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Minutes of the customer's day, `[start, end)`, which may reach over midnight; `days` (0 is Monday) are quiet entirely."""

    start: int
    end: int
    days: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class CoolOff:
    """For `for_ms` after an answer whose score satisfies `score`, messages of the purposes `blocks` rest."""

    score: tuple[str, float] = ("<=", 2)
    for_ms: int = 14 * DAY
    blocks: frozenset[str] = frozenset({"promotion", "survey"})


@dataclass(frozen=True, slots=True)
class PersonOnly:
    """From the `failures`-th poor experience within `within` milliseconds on, only a person writes."""

    failures: int
    within: int


@dataclass(frozen=True, slots=True)
class Holdout:
    """The sticky share (0..1) of customers who are not written to with the purposes `purposes`."""

    share: float = 0.0
    purposes: frozenset[str] = frozenset({"promotion"})


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """When somebody is there: minutes of the day `[start, end)` on `days` (0 is Monday)."""

    days: frozenset[int]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Team:
    """Where a person is reached: by mail or through a webhook named in the policy. Without hours somebody is always there."""

    email: str = ""
    webhook: str = ""
    hours: tuple[OfficeHours, ...] = ()


@dataclass(frozen=True, slots=True)
class Webhook:
    """A system that may be called; the secret's value is in the environment variable `secret_env`."""

    url: str
    secret_env: str = ""


@dataclass(frozen=True, slots=True)
class Poor:
    """Which events count as a poor (or good) experience, when `condition` holds."""

    type: str
    condition: Condition | None = None


@dataclass(frozen=True)
class Policy:
    """policy.yaml as a value; durations in milliseconds."""

    brand: Brand = field(default_factory=Brand)
    languages: tuple[str, ...] = ("en",)
    time_zone: str = "UTC"
    currency: str = "EUR"
    consents: Mapping[str, bool] = field(default_factory=lambda: dict(DEFAULT_CONSENTS))
    double_opt_in: frozenset[str] = frozenset()
    events: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    traits: Mapping[str, Any] = field(default_factory=dict)
    poor_experiences: tuple[Poor, ...] | None = None
    prices: Mapping[str, float] = field(default_factory=dict)
    send_only_to: tuple[str, ...] = ()
    quiet_hours: QuietHours | None = None
    caps: Mapping[str, tuple[Cap, ...]] = field(default_factory=dict)
    when_capped: str = "hold"
    no_promotion_while: Condition | None = None
    no_survey_while: Condition | None = None
    cool_off: CoolOff | None = None
    person_only: PersonOnly | None = None
    holdout: Holdout = field(default_factory=Holdout)
    teams: Mapping[str, Team] = field(default_factory=dict)
    webhooks: Mapping[str, Webhook] = field(default_factory=dict)
    health: HealthRules = field(default_factory=HealthRules)

    @cached_property
    def looks_back(self) -> int:
        """The longest span (ms) that a cap looks back over; a month at least, for the caps of a policy yet to come."""
        return max([30 * DAY, *(cap.per for caps in self.caps.values() for cap in caps)])
