"""The command with which a letter would reach a sample's customer: the engine decides it, and where it would not, it is shown what would have gone out."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from care_contracts.reasons import PLAIN_WORDS, Verdict
from care_contracts.records import Command, Decision, Event, altered

from outreach.core.conditions import Scope
from outreach.core.history import keepsake_for_letters
from outreach.core.policy import PURPOSES, Holdout, Policy
from outreach.core.rules import OncePer, OnEvent, OnSilence, Playbook, Rule, Step
from outreach.core.steps import Send, Wait, WaitFor
from outreach.playbook.examples import LONGEST, play
from outreach.preview.samples import Sample, catalogued

# What stops every letter to a customer, and tells nothing that a letter shows.
_SILENCING = frozenset({"consent.changed", "customer.deleted", "message.bounced", "message.complained", "task.opened"})
EXAMPLE_CODE = "EXAMPLE-CODE"
_NEVER = ("preview.never",)


class NotShown(ValueError):
    """There is no way to show the letter for this customer; the message says why."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """The command to send the letter. `note` says why the customer would not really get it, "" when they would."""

    command: Command
    note: str = ""


@dataclass
class _Only:
    """A condition that holds for one event."""

    event_id: str
    source: str = ""

    def __call__(self, scope: Scope) -> bool:
        return scope.event is not None and scope.event["id"] == self.event_id


def occasion(letter: str, sample: Sample, playbook: Playbook, language: str = "") -> Occasion:
    """The letter's command for the sample's customer, as the rule sends it; `language` is another one than the customer's. Raises NotShown."""
    rule = sample.rule or Rule(letter, "", "care", OnEvent(("customer.created",)), (Send("1", letter),))
    sent, why_not = _as_decided(letter, sample, replace(playbook, rules=(rule,))) if sample.rule else (None, "no rule sends this letter")
    command = _with_example_code(sent or _freely(letter, sample, rule, playbook))
    return Occasion(_in_language(command, language) if language else command, "" if sent else why_not)


def _as_decided(letter: str, sample: Sample, playbook: Playbook) -> tuple[Command | None, str]:
    """The first such command, or why there is none."""
    why_not = f"the rule {playbook.rules[0].id} does not begin for this customer"
    for decided in play(sample.customer, sample.events, playbook, sample.events[-1].recorded + LONGEST):
        for command in _letters(decided.commands, letter):
            return command, ""
        for decision in decided.decisions:
            why_not = _words(decision) or why_not
    return None, why_not


def _letters(commands: tuple[Command, ...], letter: str) -> Iterator[Command]:
    return (command for command in commands if (command.kind, command.what) == ("send", letter))


def _words(decision: Decision) -> str:
    """Why a rule went no further."""
    if decision.reason is None or decision.verdict is Verdict.HELD:
        return ""
    detail = f" ({decision.detail})" if decision.detail else ""
    return f"the rule {decision.rule} does not send it to this customer: {PLAIN_WORDS[decision.reason]}{detail}"


def _freely(letter: str, sample: Sample, rule: Rule, playbook: Playbook) -> Command:
    """The engine's command if nothing stood in the way: the same customer and trigger, after everything that is known, without guards or conditions."""
    kept = [event for event in sample.events if event.type not in _SILENCING or event.type in _begins(rule)]
    events = kept or [altered(sample.events[-1], type="customer.updated", data={})]
    free = replace(playbook, rules=(_unconditional(letter, rule, events),), policy=_unguarded(playbook.policy))
    found = [
        command for decided in play(sample.customer, events, free, events[-1].recorded + LONGEST) for command in _letters(decided.commands, letter)
    ]  # every event may begin it anew
    if not found:
        raise NotShown("the letter cannot be shown for this customer: they have no address, or want to be forgotten")
    return _answered(found[-1], rule, events)


def _begins(rule: Rule) -> tuple[str, ...]:
    return rule.when.types if isinstance(rule.when, OnEvent) else ()


def _unconditional(letter: str, rule: Rule, events: list[Event]) -> Rule:
    """The rule with nothing but the letter, begun by the last event that may begin it, or after a moment of silence."""
    span = events[-1].time - events[0].time + 1
    triggers = [event for event in events if event.type in _begins(rule)]
    send = next(step for step in rule.steps if isinstance(step, Send) and step.letter == letter)
    steps: tuple[Step, ...] = (Wait("preview", span), send)
    when = OnEvent((triggers[-1].type,), _Only(triggers[-1].id)) if triggers else OnSilence(_NEVER, span)
    return replace(rule, when=when, steps=steps, cancel_on=(), once_per=OncePer.EVENT, mode="live")


def _unguarded(policy: Policy) -> Policy:
    return replace(
        policy,
        consents=dict.fromkeys(PURPOSES, True),
        double_opt_in=frozenset(),
        quiet_hours=None,
        caps={},
        no_promotion_while=None,
        no_survey_while=None,
        cool_off=None,
        person_only=None,
        holdout=Holdout(),
    )


def _answered(command: Command, rule: Rule, events: list[Event]) -> Command:
    """With the last answer of the kind that the rule waits for, or the catalogue's."""
    types = [name for step in rule.steps if isinstance(step, WaitFor) for name in step.types]
    if not types:
        return command
    answer = next((event for event in reversed(events) if event.type in types), catalogued(types[0]))
    seen = keepsake_for_letters({**answer.data, "type": answer.type, "id": answer.id})
    return altered(command, context={**command.context, "answer": seen})


def _with_example_code(command: Command) -> Command:
    """Where the courier would claim a coupon's code stands one that is worth nothing."""
    if "coupon" not in command.options:
        return command
    return altered(command, context={**command.context, "reward": {**command.context.get("reward", {}), "coupon": EXAMPLE_CODE}})


def _in_language(command: Command, language: str) -> Command:
    customer = {**command.context["customer"], "language": language}
    return altered(command, language=language, context={**command.context, "customer": customer})
