"""Writes the command that the courier shall carry out, with everything that the letter may show."""

from collections.abc import Mapping
from typing import Any

from care_contracts.clock import DAY_MS, rfc3339
from care_contracts.records import Command

from outreach.core.customer import Instance
from outreach.core.rules import Rule
from outreach.core.turn import Turn


def command(turn: Turn, rule: Rule | None, instance: Instance, kind: str, its_id: str, **more: Any) -> Command:
    """A command of a running rule; `not_after` is its due moment plus the rule's `expires_after` (Semantics 4)."""
    expires_after = rule.expires_after if rule else 7 * DAY_MS
    return Command(
        kind=kind,
        command_id=its_id,
        customer_id=turn.customer.id,
        rule=instance.rule,
        step=instance.path,
        occurrence=instance.occurrence,
        purpose=rule.purpose if rule else "staff",
        playbook=turn.version_of(instance),
        at=turn.now,
        due=instance.moment,
        not_after=instance.moment + expires_after,
        language=str(turn.view.field("language")),
        why=rule.why_you_get_this if rule else "",
        context=_context(turn, instance, turn.view.plain()) if turn.for_letters else {},
        **more,
    )


def _context(turn: Turn, instance: Instance, customer: Mapping[str, Any]) -> dict[str, Any]:
    """What the letter may show; times as RFC 3339."""
    seen = {"event": instance.trigger or {}, "answer": instance.answer or {}}
    readable = {name: data | {"time": rfc3339(data["time"])} if "time" in data else data for name, data in seen.items()}
    points = {"points": instance.reward["points"]} if instance.reward and "points" in instance.reward else {}
    return {"customer": {**customer, "first_seen": rfc3339(turn.customer.first_seen)}, **readable} | ({"reward": points} if instance.reward else {})
