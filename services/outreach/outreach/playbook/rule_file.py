"""A rule file as a rule and its examples."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath

from outreach.core.policy import PURPOSES
from outreach.core.rules import Cancel, OncePer, Rule
from outreach.playbook.chance_checks import check_chances
from outreach.playbook.durations import duration
from outreach.playbook.example_file import Example, read_examples
from outreach.playbook.fields import Fields, Source
from outreach.playbook.rule_checks import check_names, doubts_about
from outreach.playbook.steps_file import check_match, read_steps
from outreach.playbook.when_file import read_when, trigger_types
from outreach.playbook.yaml_text import Node, Place

REQUIRED = ("id", "why", "purpose", "when", "then", "examples")
OPTIONAL = ("cancel_on", "once_per", "priority", "expires_after", "why_you_get_this", "mode", "when_capped")
WEEK = duration("7d")


@dataclass(frozen=True, slots=True)
class RuleFile:
    """What a rule file holds; `says` is the same for rules that begin alike and do the same."""

    file: str
    rule: Rule
    examples: tuple[Example, ...]
    says: str = ""
    places: Mapping[str, Place] = field(default_factory=dict)


def read_rule(source: Source, node: Node, text: str) -> RuleFile | None:
    """The rule of a file; None when its `when` cannot be read. Findings go to the source."""
    fields = Fields(source, node, (*REQUIRED, *OPTIONAL), REQUIRED)
    if not fields.nodes:
        return None
    _check_id(source, fields)
    when = read_when(source, fields.node("when"))
    types = trigger_types(when)
    once_per, once_field, once_ms = _once_per(source, fields, types)
    steps = read_steps(source, fields.list("then"), types)
    cancel_on = _cancel_on(source, fields, once_field, types)
    examples = read_examples(source, fields.list("examples"))
    if when is None or not steps:
        return None
    rule = Rule(
        id=fields.text("id"),
        why=fields.text("why"),
        purpose=fields.choice("purpose", PURPOSES, "care"),
        when=when,
        steps=steps,
        cancel_on=cancel_on,
        once_per=once_per,
        once_field=once_field,
        once_ms=once_ms,
        priority=fields.whole("priority", 50, 0, 100),
        expires_after=fields.duration("expires_after", WEEK),
        mode=fields.choice("mode", ("live", "shadow", "off"), "live"),
        when_capped=fields.choice("when_capped", ("hold", "skip"), ""),
        why_you_get_this=fields.text("why_you_get_this"),
        revision=hashlib.blake2b(text.encode(), digest_size=8).hexdigest(),
    )
    _check_examples(source, fields, rule, examples)
    for code, severity, message in doubts_about(rule, source.known.letters):
        source.add(fields.node("then").place, code, message, severity=severity)
    check_chances(source, fields, rule)
    check_names(source.file, ((example.name, example.place) for example in examples), source.problems)
    says = repr([fields.node(name).plain() for name in ("when", "then", "cancel_on", "once_per")])
    return RuleFile(source.file, rule, examples, says, {name: node.place for name, node in fields.nodes.items()})


def _check_id(source: Source, fields: Fields) -> None:
    expected = PurePath(source.file).stem
    if "id" in fields and fields.text("id") != expected:
        source.add(fields.node("id").place, "C010", f'the id "{fields.text("id")}" is not the name of the file', expected=expected, suggestion=expected)


def _once_per(source: Source, fields: Fields, types: tuple[str, ...]) -> tuple[OncePer, str, int]:
    text = fields.text("once_per", "event")
    if text.startswith("event."):
        name = text.removeprefix("event.")
        for column, code, message, suggestion in source.known.doubts(text, frozenset({"event"} if types else ()), types):
            source.add(source.inside(fields.node("once_per"), column), code, message, suggestion=suggestion)
        if name in source.known.fields_of(types) and source.known.may_lack(types, name):
            message = f'an event without "{name}", which may be missing, begins nothing'
            source.add(fields.node("once_per").place, "C058", message, severity="warning")
        return OncePer.FIELD, name, 0
    if text in {"event", "customer"}:
        return OncePer(text), "", 0
    try:
        return OncePer.DURATION, "", duration(text)
    except ValueError:
        source.add(fields.node("once_per").place, "C006", f'expected customer, event, event.FIELD or a duration, got "{text[:40]}"')
        return OncePer.EVENT, "", 0


def _cancel_on(source: Source, fields: Fields, once_field: str, began_by: tuple[str, ...]) -> tuple[Cancel, ...]:
    cancels = []
    for node in fields.list("cancel_on"):
        if isinstance(node.value, str):
            cancels.append(Cancel(source.event(node), None, once_field))
            continue
        inner = Fields(source, node, ("event", "if", "match"), ("event",))
        types = source.events(inner.node("event")) if "event" in inner else ()
        match = inner.text("match", once_field)
        condition = inner.condition("if", ("event", "trigger"), types)
        asked = "match" in inner and match != "none"
        if asked:
            check_match(source, inner.node("match"), began_by, types)
        match = "" if match == "none" else match
        cancels += [Cancel(event_type, condition, match, asked) for event_type in types]
    return tuple(cancels)


def _check_examples(source: Source, fields: Fields, rule: Rule, examples: tuple[Example, ...]) -> None:
    """A rule shows once what it does and once what it leaves alone."""
    place = fields.node("examples").place
    acts = any(example.acts for example in examples)
    rests = any(not example.acts for example in examples)
    if "examples" in fields and not acts:
        source.add(place, "C018", f"no example of {rule.id} shows what it does", expected="one example that expects something")
    if "examples" in fields and not rests:
        source.add(place, "C018", f"no example of {rule.id} shows what it leaves alone", expected="one example with `expect: nothing`")
