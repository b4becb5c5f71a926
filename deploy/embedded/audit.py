"""What a run comes to: mails delivered twice, and anything promised that cannot be found, each with its name."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from operator import itemgetter
from typing import Any

import httpx
from care_contracts.reasons import Verdict
from care_contracts.records import Command, Decision, Event
from care_contracts.topics import DEAD, DECISIONS, EVENTS, OUTREACH
from care_contracts.wire import decode_command, decode_decision, decode_event
from outreach.stream.batch import Handler

from deploy.embedded.log import whole
from deploy.embedded.plan import Plan
from deploy.embedded.replay import commands_due

COURIER = "careloop/courier"
EXPLAINED = ("failed", "suppressed", "in_doubt")
CARRIED = ("send", "alert")  # the kinds of commands that reach somebody as a mail


@dataclass(frozen=True)
class Evidence:
    """Everything that can be known from outside: the topics, and how often the catcher got each Message-ID."""

    events: list[Event]
    commands: dict[str, Command]
    expected: dict[str, Command]
    decisions: set[Decision]
    dead: int
    deliveries: Counter[str]
    mails: int


@dataclass(frozen=True)
class Findings:
    """Names of what went wrong. `in_doubt` are messages that perhaps arrived, which is told and not lost."""

    twice: list[str] = field(default_factory=list)
    events_missing: list[str] = field(default_factory=list)
    events_dead: list[str] = field(default_factory=list)
    not_decided: list[str] = field(default_factory=list)
    not_expected: list[str] = field(default_factory=list)
    not_explained: list[str] = field(default_factory=list)
    answers_missing: list[str] = field(default_factory=list)
    in_doubt: list[str] = field(default_factory=list)

    @property
    def lost(self) -> int:
        """Everything but duplicates and doubts."""
        kinds = (self.events_missing, self.events_dead, self.not_decided, self.not_expected, self.not_explained, self.answers_missing)
        return sum(len(kind) for kind in kinds)

    def lines(self) -> list[str]:
        """Up to five of each kind, for people."""
        return [f"{kind}: {len(names)}, such as {', '.join(names[:5])}" for kind, names in vars(self).items() if names]


async def gather(plan: Plan, handler: Handler, upto: int) -> Evidence:
    """Reads everything, and replays the events up to the moment `upto` (ms since 1970)."""
    records = {topic.name: await whole(plan.kafka, topic, plan.partitions) for topic in (DECISIONS, OUTREACH, EVENTS, DEAD)}
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        counts = (await client.get(f"{plan.inbox}/api/counts")).json()
    commands = [decode_command(record.value) for record in records[OUTREACH.name]]
    return Evidence(
        [decode_event(record.value) for record in records[EVENTS.name]],
        {command.command_id: command for command in commands if command.at <= upto},
        commands_due(records[EVENTS.name], handler, upto),
        {decode_decision(record.value) for record in records[DECISIONS.name]},
        len(records[DEAD.name]),
        Counter(counts["deliveries"]),
        counts["total"],
    )


def examine(evidence: Evidence, accepted: Iterable[tuple[str, str]], answered: int) -> Findings:
    """Compares what was promised with what there is; `answered` is how many survey answers were confirmed to customers."""
    there = {(event.source, event.id) for event in evidence.events}
    delivered = {message_id.strip("<>").partition("@")[0] for message_id in evidence.deliveries}
    told = {ident for source, ident in there if source == COURIER}
    answers = len({event.id for event in evidence.events if event.type == "survey.answered"})
    return Findings(
        twice=[message_id for message_id, count in evidence.deliveries.items() if count > 1],
        events_missing=[ident for source, ident in accepted if (source, ident) not in there],
        events_dead=["care.dead"] * evidence.dead,
        not_decided=sorted(evidence.expected.keys() - evidence.commands.keys()),
        not_expected=sorted(evidence.commands.keys() - evidence.expected.keys()),
        not_explained=sorted(ident for ident, command in evidence.commands.items() if command.kind in CARRIED and not _explained(ident, delivered, told)),
        answers_missing=["survey.answered"] * (answered - answers),
        in_doubt=[ident for ident in evidence.commands if f"{ident}.in_doubt" in told and f"{ident}.sent" not in told],
    )


def _explained(ident: str, delivered: set[str], told: set[str]) -> bool:
    return ident in delivered or any(f"{ident}.{how}" in told for how in EXPLAINED)


def details(evidence: Evidence, findings: Findings) -> list[dict[str, Any]]:
    """For whoever has to find out: each command that is not as expected, with its customer's events and decisions in their order."""
    commands = {**evidence.expected, **evidence.commands}
    wrong = [commands[ident] for ident in {*findings.not_decided, *findings.not_expected, *findings.not_explained}]
    return [
        {
            "command": asdict(command),
            "events": [asdict(event) for event in evidence.events if event.customer_id == command.customer_id],
            "decisions": sorted((asdict(one) for one in evidence.decisions if one.customer_id == command.customer_id), key=itemgetter("at")),
        }
        for command in wrong
    ]


def held(decisions: Iterable[Decision]) -> int:
    """How many messages were held back for a while."""
    return sum(decision.verdict is Verdict.HELD for decision in decisions)


def skipped(decisions: Iterable[Decision]) -> Counter[str]:
    """How many messages were not sent, by reason."""
    return Counter(str(decision.reason) for decision in decisions if decision.verdict is Verdict.SKIPPED)
