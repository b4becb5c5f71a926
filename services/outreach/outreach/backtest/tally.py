"""Counts of what came of the log: added up customer by customer, and the same whatever the order or the number of those who counted."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import lru_cache

from care_contracts.reasons import Reason, Verdict
from care_contracts.records import Command, Decision

from outreach.backtest.replay import Life
from outreach.core.calendar import local

MESSAGE = "send"
QUARTER = 15 * 60_000


class HoldEnd(StrEnum):
    """How a message that was held went on."""

    SENT = "sent"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    OTHERWISE = "otherwise"
    WAITING = "waiting"


_ENDS: Mapping[Reason | None, HoldEnd] = {Reason.EXPIRED: HoldEnd.EXPIRED, Reason.CANCELLED: HoldEnd.CANCELLED}
_SETTLED = (Verdict.SENT, Verdict.SKIPPED, Verdict.ENDED)


@dataclass
class Tally:
    """The counts of one version of a playbook; every one is by what stands in its key."""

    months: Counter[tuple[str, str]] = field(default_factory=Counter)  # messages by (rule, month)
    hours: Counter[str] = field(default_factory=Counter)  # messages by hour, such as 1997-03-12T09
    channels: Counter[str] = field(default_factory=Counter)  # messages by channel
    received: Counter[int] = field(default_factory=Counter)  # customers by the number of their messages
    commands: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # commands by (kind, rule, letter or team or pool or system)
    begun: Counter[str] = field(default_factory=Counter)  # by rule
    reasons: Counter[tuple[Reason, str]] = field(default_factory=Counter)  # what did not happen by (reason, rule)
    holds: Counter[tuple[str, Reason, HoldEnd]] = field(default_factory=Counter)  # held messages by (rule, what held them, end); two reasons count under each
    caps: Counter[tuple[str, Verdict]] = field(default_factory=Counter)  # messages that met a cap by (which, held or skipped); two caps count under each
    held: Counter[tuple[str, HoldEnd]] = field(default_factory=Counter)  # held messages by (rule, end), each once

    def add(self, life: Life, zone: str) -> None:
        """Counts one customer; hours and months are those of the zone."""
        sends = 0
        for command in life.commands:
            self.commands[command.kind, command.rule, command.what] += 1
            if command.kind == MESSAGE:
                sends += 1
                self._message(command, zone)
        self.received[sends] += 1
        self._decisions(life.decisions)
        met = {(decision.command_id, decision.detail, decision.verdict) for decision in life.decisions if decision.reason is Reason.CAP}
        self.caps.update((cap, verdict) for _, cap, verdict in met)

    def merge(self, other: "Tally") -> None:
        """Counts those of other customers too."""
        for count in fields(self):
            getattr(self, count.name).update(getattr(other, count.name))

    def _message(self, command: Command, zone: str) -> None:
        hour = _hour(command.at // QUARTER, zone)
        self.hours[hour] += 1
        self.months[command.rule, hour[:7]] += 1
        self.channels[command.channel] += 1

    def _decisions(self, decisions: list[Decision]) -> None:
        waiting: dict[tuple[str, str], set[Reason]] = {}
        for decision in decisions:
            verdict, reason = decision.verdict, decision.reason
            if verdict is Verdict.STARTED:
                self.begun[decision.rule] += 1
            elif verdict is Verdict.HELD and reason:
                waiting.setdefault((decision.rule, decision.occurrence), set()).add(reason)
            elif reason:
                self.reasons[reason, decision.rule] += 1
            if waiting and decision.step and verdict in _SETTLED:  # without a step it tells of an occasion that began no second time
                held_by = waiting.pop((decision.rule, decision.occurrence), set())
                if held_by:
                    self._held(decision.rule, held_by, HoldEnd.SENT if verdict is Verdict.SENT else _ENDS.get(reason, HoldEnd.OTHERWISE))
        for (rule, _), held_by in waiting.items():
            self._held(rule, held_by, HoldEnd.WAITING)

    def _held(self, rule: str, held_by: set[Reason], end: HoldEnd) -> None:
        self.held[rule, end] += 1
        for reason in held_by:
            self.holds[rule, reason, end] += 1


@lru_cache(maxsize=1 << 16)
def _hour(quarter: int, zone: str) -> str:
    """The hour of the zone's clock in which a quarter of an hour since 1970 lies; no zone is off by less than that."""
    return local(quarter * QUARTER, zone).strftime("%Y-%m-%dT%H")
