"""The `when` of a rule file: exactly one of the forms, as the core knows them."""

from outreach.core.rules import OnEdge, OnEvent, OnPeriod, OnSilence, When
from outreach.playbook.fields import Fields, Source
from outreach.playbook.yaml_text import Node

FORMS = ("event", "no", "becomes", "every")
LATER = ("anniversary", "cron", "on")


def read_when(source: Source, node: Node) -> When | None:
    """The moment at which a rule begins; None, with a finding, when it cannot be told."""
    fields = Fields(source, node, (*FORMS, *LATER, "for", "if", "since", "at"))
    forms = [form for form in (*FORMS, *LATER) if form in fields]
    if len(forms) != 1:
        source.add(node.place, "C009", f"expected exactly one of {', '.join((*FORMS, *LATER))} in `when`, got {', '.join(forms) or 'none'}")
        return None
    if forms[0] in LATER:
        source.add(node.place, "C025", f"`{forms[0]}` is not supported yet")
        return None
    return {"event": _on_event, "no": _on_silence, "becomes": _on_edge, "every": _on_period}[forms[0]](source, node, fields)


def _on_event(source: Source, node: Node, _: Fields) -> When:
    fields = Fields(source, node, ("event", "if"))
    types = source.events(fields.node("event"))
    return OnEvent(types, fields.condition("if", ("event", "trigger"), types))


def _on_silence(source: Source, node: Node, _: Fields) -> When:
    fields = Fields(source, node, ("no", "for", "if"), ("no", "for"))
    return OnSilence(source.events(fields.node("no")), fields.duration("for", 1), fields.condition("if"))


def _on_edge(source: Source, node: Node, _: Fields) -> When | None:
    condition = Fields(source, node, ("becomes",)).condition("becomes")
    return OnEdge(condition) if condition else None


def _on_period(source: Source, node: Node, _: Fields) -> When:
    fields = Fields(source, node, ("every", "since", "at", "if"), ("every",))
    since = source.event(fields.node("since")) if "since" in fields else ""
    minute = fields.minute("at") if "at" in fields else None
    return OnPeriod(max(1, fields.duration("every", 1)), since, minute, fields.condition("if"))


def trigger_types(when: When | None) -> tuple[str, ...]:
    """The event types that can begin the rule."""
    return when.types if isinstance(when, OnEvent) else ()
