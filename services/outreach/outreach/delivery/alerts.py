"""What a team is told when a person is asked to take over: who, what happened, and the task's name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from care_contracts.clock import rfc3339
from care_contracts.records import Command

HOUR_MS = 3_600_000
_LONGEST = 500


def task_id(command: Command) -> str:
    """The task that the alert is about; an escalation is about an earlier alert's task."""
    return str(command.options.get("task_id") or command.command_id)


@dataclass(frozen=True, slots=True)
class Alert:
    """Plain words for a team's mailbox."""

    subject: str
    text: str
    html: str = ""
    language: str = "en"


def alert(command: Command) -> Alert:
    """A subject for a full inbox, and everything that is known."""
    mark = "Still waiting" if command.options.get("escalated") else "Please take over"
    return Alert(f"{mark}: {command.options.get('summary') or command.rule} ({command.customer_id})", _text(command))


def _text(command: Command) -> str:
    within = int(command.options.get("within") or 0)
    lines = [
        str(command.options.get("summary") or ""),
        "",
        f"Customer: {command.customer_id}",
        *([f"Please answer within {round(within / HOUR_MS, 1):g} hours."] if within else []),
        f"Rule:     {command.rule}",
        f"Noticed:  {rfc3339(command.at)}",
        f"Task:     {task_id(command)}",
        *_facts("What happened", command.context.get("event")),
        *_facts("What the customer answered", command.context.get("answer")),
    ]
    return "\n".join(lines).strip() + "\n"


def _facts(title: str, facts: Any) -> list[str]:
    if not isinstance(facts, Mapping) or not facts:
        return []
    return ["", f"{title}:", *(f"  {name}: {' '.join(str(value)[:_LONGEST].split())}" for name, value in facts.items())]
