"""What the stream is told about a command: events with deterministic ids, so that telling twice is telling once."""

from collections.abc import Mapping
from typing import Any

from care_contracts.records import Command, Event

from outreach.delivery.alerts import task_id
from outreach.delivery.outcome import Outcome, State

SOURCE = "careloop/courier"
_NAMES: Mapping[State, tuple[str, str]] = {
    State.SENT: ("message.sent", "sent"),
    State.FAILED: ("message.failed", "failed"),
    State.REFUSED: ("message.failed", "failed"),
    State.EXPIRED: ("message.failed", "failed"),
    State.SUPPRESSED: ("message.suppressed", "suppressed"),
    # Told, so that the stream knows; its class says that it is no definite failure, and a later `.sent` may end the doubt.
    State.IN_DOUBT: ("message.failed", "in_doubt"),
}


def event_about(command: Command, outcome: Outcome, at: int, recorded: int) -> Event:
    """The one event about a final outcome of the moment `at`: a delivered alert is a task that was opened (or escalated), a reward was granted.

    Times in ms since 1970.
    """
    if command.kind == "alert" and outcome.state in (State.SENT, State.IN_DOUBT):
        name = "escalated" if command.options.get("escalated") else "opened"
        data = {"task_id": task_id(command), "rule": command.rule, "team": command.what}
        return Event(f"{command.command_id}.{name}", SOURCE, f"task.{name}", command.customer_id, at, recorded, data)
    if command.kind == "reward" and outcome.state is State.SENT:
        return Event(f"{command.command_id}.granted", SOURCE, "reward.granted", command.customer_id, at, recorded, _gift(command))
    kind, name = _NAMES[outcome.state]
    data = {"command_id": command.command_id, "rule": command.rule, "letter": command.what, "channel": command.channel}
    why = {name: value for name, value in (("reason", outcome.reason), ("class", outcome.category.value)) if value}
    return Event(f"{command.command_id}.{name}", SOURCE, kind, command.customer_id, at, recorded, data | why)


def _gift(command: Command) -> dict[str, Any]:
    """A coupon is named by its pool: codes are worth money, and topics are read by many."""
    coupon, points = command.options.get("coupon"), command.options.get("points")
    return {"reward_id": command.command_id, "rule": command.rule} | ({"coupon": coupon["pool"]} if coupon else {"points": points})
