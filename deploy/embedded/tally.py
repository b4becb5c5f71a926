"""Counts what goes over the topics while it goes, for the live board."""

import asyncio
from collections import Counter, deque
from dataclasses import dataclass, field
from statistics import fmean

import httpx
from aiokafka import ConsumerRecord
from aiokafka.errors import KafkaError
from care_contracts.reasons import PLAIN_WORDS, Verdict
from care_contracts.records import Decision, Event
from care_contracts.topics import DECISIONS, EVENTS
from care_contracts.wire import decode_decision, decode_event

from deploy.embedded.lag import lags
from deploy.embedded.log import partitions_of, reader
from deploy.embedded.plan import Plan

RECENT = 8


@dataclass
class Tally:
    """What was seen so far. `recent` are the last decisions in words; `lag` is records behind by consumer group."""

    events: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    scores: dict[str, list[float]] = field(default_factory=dict)
    mails: int = 0
    lag: dict[str, int] = field(default_factory=dict)
    recent: deque[str] = field(default_factory=lambda: deque(maxlen=RECENT))

    def event(self, event: Event) -> None:
        """Counts a fact."""
        self.events[event.type] += 1
        if event.type == "survey.answered" and isinstance(score := event.data.get("score"), int | float):
            self.scores.setdefault(str(event.data.get("kind")), []).append(score)

    def decision(self, decision: Decision) -> None:
        """Counts a decision."""
        self.verdicts[decision.verdict] += 1
        if decision.reason and decision.verdict in {Verdict.SKIPPED, Verdict.HELD}:
            self.reasons[f"{decision.verdict}: {decision.reason.replace('_', ' ')}"] += 1
        if decision.verdict in {Verdict.SENT, Verdict.ALERTED, Verdict.HELD, Verdict.SKIPPED}:
            why = f" ({PLAIN_WORDS[decision.reason]})" if decision.reason else ""
            self.recent.append(f"{decision.verdict:8} {decision.what or decision.rule} to {decision.customer_id}{why}")

    @property
    def answers(self) -> int:
        """Survey answers that came back."""
        return self.events["survey.answered"]

    def csat(self) -> str:
        """The mean of 1 to 5, with how many answers it rests on."""
        scores = self.scores.get("csat", [])
        return f"{fmean(scores):.2f} of 5 (n={len(scores)})" if scores else "no answers yet"

    def nps(self) -> str:
        """Promoters (9, 10) less detractors (0 to 6) in percent, with how many answers it rests on."""
        scores = self.scores.get("nps", [])
        if not scores:
            return "no answers yet"
        return f"{100 * fmean((score >= 9) - (score <= 6) for score in scores):+.0f} (n={len(scores)})"


async def watch(plan: Plan, tally: Tally) -> None:
    """Counts until cancelled."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_topics(plan, tally))
        tasks.create_task(_lags(plan, tally))
        tasks.create_task(_mails(plan, tally))


async def _topics(plan: Plan, tally: Tally) -> None:
    async with reader(plan.kafka, partitions_of([EVENTS, DECISIONS], plan.partitions)) as consumer:
        while True:
            for records in (await consumer.getmany(timeout_ms=500)).values():
                for record in records:
                    _count(record, tally)


def _count(record: ConsumerRecord, tally: Tally) -> None:
    if record.topic == EVENTS.name:
        tally.event(decode_event(record.value))
    else:
        tally.decision(decode_decision(record.value))


async def _lags(plan: Plan, tally: Tally) -> None:
    async with lags(plan.kafka, plan.partitions) as groups:
        while True:
            try:
                tally.lag = await groups.behind(await groups.ends())
            except KafkaError:  # a look at the lag is not worth the run
                tally.lag = {}
            await asyncio.sleep(1)


async def _mails(plan: Plan, tally: Tally) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        while True:
            tally.mails = (await client.get(f"{plan.inbox}/api/messages", params={"limit": 1})).json()["total"]
            await asyncio.sleep(0.5)
