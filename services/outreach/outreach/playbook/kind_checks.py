"""Conditions that CEL accepts and that can never be met, or never fail: kinds that do not fit, numbers for truth values, what is always the same."""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain

from outreach.playbook.cel_tree import Part
from outreach.playbook.condition_checks import Doubt
from outreach.playbook.condition_words import QUESTIONS

KindsOf = Callable[[Part], frozenset[str]]

SPOKEN = {"string": "a text", "number": "a number", "boolean": "true or false", "list": "a list", "object": "a mapping"}
_BASE = {"integer": "number", "int": "number", "uint": "number", "double": "number", "time": "string", "date": "string", "bool": "boolean"}
_LOGIC = frozenset({"_&&_", "_||_", "!_", "_?_:_"})
_COMPARISONS = frozenset({"_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_"})
_CALCULATIONS = frozenset({"_+_", "_-_", "_*_", "_/_", "_%_", "-_"})
_VARIABLES = ("event", "trigger", "answer", "customer")
_MOMENTS = frozenset({"now", "event_time", "trigger_time", "answer_time", "customer_first_seen"})
_UNCHANGING = frozenset({"customer.id", "customer_first_seen"})


def plainly(kind: str) -> str:
    """The kind by which CEL compares: a whole number is a number, a date a text."""
    return _BASE.get(kind, kind)


def misfits(tree: Part, kinds_of: KindsOf) -> Iterator[Doubt]:
    """What is compared or calculated with something that it never is, or stands for a truth value and is none."""
    for part in tree.all():
        if part.what == "call" and part.name in _COMPARISONS:
            yield from _compared(part, kinds_of)
        elif part.what == "call" and part.name in _CALCULATIONS:
            yield from _calculated(part)
    for part in _truths(tree):
        kinds = frozenset({"number"}) if part.name in _CALCULATIONS else kinds_of(part)
        if kinds and "boolean" not in kinds:
            yield part.begins, "C038", f"{_spelled(part)} is {_spoken(kinds)}, and a condition is true or false", ""


def _truths(part: Part) -> Iterator[Part]:
    """The parts that have to be true or false by themselves."""
    if part.what == "call" and part.name in _LOGIC:
        yield from chain.from_iterable(_truths(inner) for inner in part.parts)
    else:
        yield part


def _compared(part: Part, kinds_of: KindsOf) -> Iterator[Doubt]:
    one, other = sorted(part.parts, key=lambda side: side.what == "constant")
    kinds, others = kinds_of(one), kinds_of(other)
    if kinds and others and not kinds & others:
        yield one.begins, "C038", f"{_spelled(one)} is {_spoken(kinds)}, and is compared with {_spoken(others)}", ""


def _calculated(part: Part) -> Iterator[Doubt]:
    """CEL calculates with numbers of one kind only, and a sum has a fraction, even if that is 0."""
    for one, other in (part.parts, part.parts[::-1]) if len(part.parts) > 1 else ():
        if one.what == "call" and one.name == "sum" and other.kind == "int":
            whole = other.name if other.what == "constant" else ""
            yield other.begins, "C038", "a sum has a fraction: calculate with a number that has one, or with double(…)", f"{whole}.0" if whole else ""


def _spoken(kinds: frozenset[str]) -> str:
    return " or ".join(sorted(SPOKEN[kind] for kind in kinds))


def _spelled(part: Part) -> str:
    name = path_of(part)
    return f'"{name}"' if name else "this"


def path_of(part: Part) -> str:
    """`customer.health.band` for what is so written, the name of a question, otherwise nothing."""
    if part.what == "field":
        above = path_of(part.parts[0])
        return f"{above}.{part.name}" if above else part.name
    return part.name if part.what == "name" or part.name in QUESTIONS else ""


def constants(tree: Part) -> Iterator[tuple[int, str]]:
    """The largest parts that are always the same: column and why."""
    if not _reads(tree):
        yield tree.begins, "this is always the same, whatever happens"
    elif tree.what == "call" and tree.name in _COMPARISONS and tree.parts[0] == tree.parts[1]:
        yield tree.begins, "this compares something with itself"
    elif tree.what == "call" and tree.name in _LOGIC:
        yield from chain.from_iterable(constants(part) for part in tree.parts)


def never_turns(tree: Part) -> bool:
    """Whether a condition reads only what never changes, and so turns neither true nor false."""
    return frozenset() < _reads(tree) <= _UNCHANGING


def _reads(tree: Part) -> frozenset[str]:
    """What the answer hangs on: fields, moments, questions about the past."""
    found = {part.name for part in tree.all() if part.name in (_MOMENTS if part.what == "name" else QUESTIONS if part.what == "call" else ())}
    roots = [part for part in tree.all() if part.what == "name" and part.name in _VARIABLES]
    fields = [part for part in tree.all() if part.what in ("field", "has") and part.parts[0] in roots]
    whole = () if len(fields) == len(roots) else (root.name for root in roots)
    return frozenset((*found, *whole, *(f"{field.parts[0].name}.{field.name}" for field in fields)))


def known_kinds(part: Part, kinds: Mapping[str, str]) -> frozenset[str]:
    """The kinds that a part has by itself, whatever the events and customers are like."""
    if part.name in kinds and part.what == "call":
        return frozenset({kinds[part.name]})
    return frozenset({plainly(part.kind)} if part.kind else ())
