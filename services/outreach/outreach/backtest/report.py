"""The report of a backtest as a value: everything counted, sorted and named, so that every format tells the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from care_contracts.reasons import Reason

from outreach.backtest.compare import Change, Sample
from outreach.backtest.tally import HoldEnd


@dataclass(frozen=True, slots=True)
class LogFigures:
    """What was read. `first` and `last` are when it was recorded, `until` how far time was let pass (RFC 3339); `late` events were left out."""

    events: int
    customers: int
    first: str
    last: str
    until: str
    late: int
    unreadable: int
    unreadable_first: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule: how often it began, what it led to, and what it did not."""

    rule: str
    purpose: str
    begun: int
    messages: int
    alerts: int
    rewards: int
    webhooks: int
    held: int
    not_sent: int


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """One reason why something did not happen, with how often, over all and by rule."""

    reason: Reason
    words: str
    count: int
    rules: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class HoldRow:
    """Messages that `reason` held, by how they went on; a message that two reasons held stands in two rows."""

    reason: Reason
    count: int
    ends: Mapping[HoldEnd, int]


@dataclass(frozen=True, slots=True)
class CapRow:
    """How many messages of a rule met a cap: held until there was room (or it was too late), or skipped at once."""

    rule: str
    held: int
    skipped: int


@dataclass(frozen=True, slots=True)
class LimitRow:
    """How many messages met one cap of the policy, of those that were full the one that frees last; one that two caps held in turn counts for each."""

    cap: str
    held: int
    skipped: int


@dataclass(frozen=True, slots=True)
class CostRow:
    """What the messages of a channel cost; None where the policy names no price for it."""

    channel: str
    messages: int
    price: Decimal | None
    cost: Decimal | None


@dataclass(frozen=True, slots=True)
class Others:
    """What was done besides letters, counted by whom or what it was for."""

    alerts: Mapping[str, int]
    rewards: Mapping[str, int]
    webhooks: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Figures:
    """What one version of the playbook makes of the log. Hours, days and months are those of the zone."""

    version: str
    zone: str
    currency: str
    messages: int
    customers_written: int
    rules: tuple[RuleRow, ...]
    months: tuple[tuple[str, Mapping[str, int]], ...]
    reasons: tuple[ReasonRow, ...]
    received: tuple[tuple[int, int], ...]
    quantiles: Mapping[int, int]
    mean: Decimal
    held: Mapping[HoldEnd, int]
    holds: tuple[HoldRow, ...]
    caps: tuple[CapRow, ...]
    limits: tuple[LimitRow, ...]
    busiest_hour: tuple[str, int] | None
    busiest_day: tuple[str, int] | None
    hours: tuple[int, ...]
    others: Others
    costs: tuple[CostRow, ...]


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """What changes for one rule: messages, or tasks for people."""

    rule: str
    kind: str
    before: int
    after: int
    changes: Mapping[Change, int]


@dataclass(frozen=True, slots=True)
class Difference:
    """What the playbook changes against the version `name`."""

    name: str
    before: Figures
    customers: int
    messages: Mapping[Change, int]
    rules: tuple[ChangeRow, ...]
    reasons: tuple[tuple[Reason, int, int], ...]
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """All of it."""

    log: LogFigures
    figures: Figures
    difference: Difference | None
