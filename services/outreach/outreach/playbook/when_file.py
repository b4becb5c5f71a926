"""The `when` of a rule file: exactly one of the forms, as the core knows them."""

from collections.abc import Callable, Mapping
from datetime import datetime

from outreach.core.rules import OnAnniversary, OnEdge, OnEvent, OnMoment, OnPeriod, OnSchedule, OnSilence, When
from outreach.playbook.cron import BadCron, Cron
from outreach.playbook.durations import time_of_day
from outreach.playbook.fields import Fields, Source
from outreach.playbook.kind_checks import never_turns
from outreach.playbook.moved_by import moved_by
from outreach.playbook.problems import nearest
from outreach.playbook.yaml_text import Node

FORMS = ("event", "no", "becomes", "every", "anniversary", "cron", "on")
MORNING = "09:00"


def read_when(source: Source, node: Node) -> When | None:
    """The moment at which a rule begins; None, with a finding, when it cannot be told."""
    fields = Fields(source, node, (*FORMS, "for", "if", "since", "at"))
    forms = [form for form in FORMS if form in fields]
    if len(forms) != 1:
        source.add(node.place, "C009", f"expected exactly one of {', '.join(FORMS)} in `when`, got {', '.join(forms) or 'none'}")
        return None
    return READERS[forms[0]](source, node)


def _on_event(source: Source, node: Node) -> When:
    fields = Fields(source, node, ("event", "if"))
    types = source.events(fields.node("event"))
    return OnEvent(types, fields.condition("if", ("event", "trigger"), types))


def _on_silence(source: Source, node: Node) -> When:
    fields = Fields(source, node, ("no", "for", "if"), ("no", "for"))
    return OnSilence(source.events(fields.node("no")), fields.duration("for", 1), fields.condition("if"))


def _on_edge(source: Source, node: Node) -> When | None:
    fields = Fields(source, node, ("becomes",))
    condition = fields.condition("becomes")
    if condition and never_turns(condition.tree):
        source.add(fields.node("becomes").place, "C042", "this never becomes true, because nothing that it reads ever changes", severity="warning")
    return OnEdge(condition, moved_by(condition.source, source.known.policy)) if condition else None


def _on_period(source: Source, node: Node) -> When:
    fields = Fields(source, node, ("every", "since", "at", "if"), ("every",))
    since = fields.text("since")
    field = _trait(source, fields.node("since")) if since.startswith("customer.") else ""
    event = source.event(fields.node("since")) if since and not field else ""
    minute = fields.minute("at") if "at" in fields else None
    return OnPeriod(max(1, fields.duration("every", 1)), event, field, minute, fields.condition("if"))


def _on_anniversary(source: Source, node: Node) -> When:
    fields = Fields(source, node, ("anniversary", "at", "if"), ("anniversary",))
    minute = fields.minute("at", time_of_day(MORNING)[0])
    return OnAnniversary(_trait(source, fields.node("anniversary")), minute, fields.condition("if"))


def _trait(source: Source, node: Node) -> str:
    name = str(node.value).removeprefix("customer.")
    if not str(node.value).startswith("customer.") or name not in source.known.traits:
        close = nearest(name, sorted(source.known.traits))
        source.add(
            node.place, "C014", f'unknown field "{node.value}"', expected="a date among the customer's traits", suggestion=f"customer.{close}" if close else ""
        )
    return name


def _on_schedule(source: Source, node: Node) -> When | None:
    fields = Fields(source, node, ("cron", "if"), ("cron",))
    try:
        return OnSchedule(Cron(fields.text("cron")), fields.condition("if"))
    except BadCron as error:
        source.add(fields.node("cron").place, "C016", str(error))
        return None


def _on_moment(source: Source, node: Node) -> When | None:
    fields = Fields(source, node, ("on", "if"), ("on",))
    try:
        return OnMoment(datetime.strptime(fields.text("on"), "%Y-%m-%d %H:%M"), fields.condition("if"))  # noqa: DTZ007 - the customer's wall clock
    except ValueError:
        source.add(fields.node("on").place, "C016", f'expected a local time such as 2026-12-01 09:00, got "{fields.text("on")[:20]}"')
        return None


READERS: Mapping[str, Callable[[Source, Node], When | None]] = {
    "event": _on_event,
    "no": _on_silence,
    "becomes": _on_edge,
    "every": _on_period,
    "anniversary": _on_anniversary,
    "cron": _on_schedule,
    "on": _on_moment,
}


def trigger_types(when: When | None) -> tuple[str, ...]:
    """The event types that can begin the rule."""
    return when.types if isinstance(when, OnEvent) else ()
