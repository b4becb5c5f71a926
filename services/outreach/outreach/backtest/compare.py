"""What one customer gains and loses when another version of the playbook decides about them, and why."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b

from care_contracts.reasons import PLAIN_WORDS, Verdict
from care_contracts.records import Command, Decision

from outreach.backtest.replay import Life

SAMPLES = 10


class Change(StrEnum):
    """What becomes of a message (or a task for a person) between two versions of the playbook."""

    GAINED = "gained"
    LOST = "lost"
    MOVED = "moved"
    REPLACED = "replaced"  # another letter for the same occasion


@dataclass(frozen=True, slots=True, order=True)
class Sample:
    """One such case. `before` and `after` are moments (ms since 1970), None where nothing went out; `lot` decides who is shown."""

    lot: str
    customer: str
    command_id: str
    change: Change
    kind: str
    rule: str
    what: str
    before: int | None
    after: int | None
    why: str


@dataclass
class Changes:
    """All changes counted by (kind, rule, change); of each kind of change the samples that fate would have drawn from any share of the log."""

    counts: Counter[tuple[str, str, Change]] = field(default_factory=Counter)
    customers: int = 0
    samples: dict[Change, list[Sample]] = field(default_factory=dict)

    def add(self, before: Life, after: Life) -> None:
        """Compares what the two versions make of one customer."""
        found = list(_changes(before, after))
        self.customers += bool(found)
        for sample in found:
            self.counts[sample.kind, sample.rule, sample.change] += 1
            self._show([sample], sample.change)

    def merge(self, other: "Changes") -> None:
        """Takes in what was found with other customers."""
        self.counts.update(other.counts)
        self.customers += other.customers
        for change, samples in other.samples.items():
            self._show(samples, change)

    def _show(self, samples: list[Sample], change: Change) -> None:
        self.samples[change] = sorted([*self.samples.get(change, ()), *samples])[:SAMPLES]


def _changes(before: Life, after: Life) -> Iterator[Sample]:
    old, new = _by_id(before), _by_id(after)
    for its_id in old.keys() | new.keys():
        was, is_now = old.get(its_id), new.get(its_id)
        if was and is_now:
            if was.what != is_now.what:
                yield _sample(Change.REPLACED, was, is_now, f"it was {was.what}")
            elif was.at != is_now.at:
                yield _sample(Change.MOVED, was, is_now, _delay(is_now, after) or _delay(was, before, "no longer ") or "the rule sends it at another time")
        elif was:
            yield _sample(Change.LOST, was, None, _absence(was, after))
        elif is_now:
            yield _sample(Change.GAINED, None, is_now, f"before: {_absence(is_now, before)}")


def _by_id(life: Life) -> Mapping[str, Command]:
    return {command.command_id: command for command in life.commands}


def _sample(change: Change, was: Command | None, is_now: Command | None, why: str) -> Sample:
    command = is_now or was
    if command is None:
        raise ValueError("expected a command on either side")
    lot = blake2b(command.command_id.encode(), digest_size=8).hexdigest()
    before, after = (was.at if was else None), (is_now.at if is_now else None)
    return Sample(lot, command.customer_id, command.command_id, change, command.kind, command.rule, command.what, before, after, why)


def _absence(command: Command, life: Life) -> str:
    """Why the version that lived this life did not give the command, as its own records tell it."""
    if command.rule not in life.playbook.by_id:
        return "there is no such rule"
    records = [decision for decision in life.decisions if _is_about(decision, command)]
    if not records:
        return "the rule did not begin"
    last = _last_word(records)
    if last.reason is None:
        return "the rule ran without this step" if last.verdict is not Verdict.STARTED else "the rule was still waiting or took another way"
    prefix = "still held: " if last.verdict is Verdict.HELD else ""
    return f"{prefix}{last.reason.value}: {PLAIN_WORDS[last.reason]}{_detail(last)}"


def _is_about(decision: Decision, command: Command) -> bool:
    return decision.rule == command.rule and decision.occurrence == command.occurrence


def _last_word(records: list[Decision]) -> Decision:
    """What was said last about the running rule; that a repeated event began nothing is no word about the first."""
    told = [record for record in records if record.step] or records
    return told[-1]


def _detail(decision: Decision) -> str:
    return f" ({decision.detail})" if decision.detail else ""


def _delay(command: Command, life: Life, prefix: str = "") -> str:
    held = [decision for decision in life.decisions if decision.verdict is Verdict.HELD and decision.command_id == command.command_id]
    reasons = dict.fromkeys(decision.reason for decision in held if decision.reason)
    return prefix + "held by " + ", ".join(reason.value for reason in reasons) if reasons else ""
