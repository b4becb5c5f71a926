"""How the plain parts of a condition look things up and judge them; an error beside a deciding answer does not count (cel-spec, "Logical operators")."""

from collections.abc import Callable, Mapping
from typing import Any

from outreach.core.conditions import Scope
from outreach.core.view import COMPUTED


class Wrong(str):
    """Why a condition cannot be judged, in words."""

    __slots__ = ()


Answer = bool | Wrong
Judge = Callable[[Scope], Answer]
Read = Callable[[Scope], Any]

_NUMBERS = frozenset({int, float})  # a boolean is none
MISMATCH = Wrong("something is missing, or the types do not fit")


def of_customer(name: str) -> Read:
    """A field of the customer."""
    missing, compute = no_field(name), COMPUTED.get(name)
    if compute:
        return lambda scope: compute(scope.customer)

    def read(scope: Scope) -> Any:
        value = scope.customer.field(name)
        return missing if value is None else value

    return read


def of_event(root: str, name: str) -> Read:
    """A field of the event that goes by the name `root`: event, trigger or answer."""
    missing = no_field(name)
    return lambda scope: (getattr(scope, root) or {}).get(name, missing)


def inside(read: Read, name: str) -> Read:
    """A field of what was read."""
    missing = no_field(name)

    def deeper(scope: Scope) -> Any:
        value = read(scope)
        if isinstance(value, Mapping):
            return value.get(name, missing)
        return value if isinstance(value, Wrong) else MISMATCH

    return deeper


def rest(read: Read, divisor: int) -> Read:
    """What is left of a whole number after dividing it; with its sign, as CEL has it."""

    def left(scope: Scope) -> Any:
        value = read(scope)
        if isinstance(value, int) and not isinstance(value, bool):
            return value % divisor if value >= 0 else -(-value % divisor)
        return _wrong(value)

    return left


def no_field(name: str) -> Wrong:
    """What is said of a field that is not there."""
    return Wrong(f'there is no field "{name}"')


def _wrong(value: Any) -> Wrong:
    return value if isinstance(value, Wrong) else MISMATCH


def is_there(read: Read, name: str) -> Judge:
    """Asking is an error only when what should hold the field is not there either."""
    missing = no_field(name)

    def judge(scope: Scope) -> Answer:
        value = read(scope)
        if isinstance(value, Wrong):
            return False if value == missing else value
        return True

    return judge


def _alike(literal: Any) -> frozenset[type]:
    """The types that CEL compares with the literal: numbers with numbers, texts with texts, booleans with booleans."""
    return _NUMBERS if type(literal) in _NUMBERS else frozenset({type(literal)})


def ordered(read: Read, compare: Callable[[Any, Any], bool], literal: Any) -> Judge:
    """Whether what is read compares so with the literal."""
    alike = _alike(literal)

    def judge(scope: Scope) -> Answer:
        value = read(scope)
        return compare(value, literal) if type(value) in alike else _wrong(value)

    return judge


def equal(read: Read, literal: Any, *, wanted: bool) -> Judge:
    """Whether what is read equals the literal, or (not `wanted`) differs from it."""
    alike = _alike(literal)

    def judge(scope: Scope) -> Answer:
        value = read(scope)
        if type(value) is Wrong:
            return value
        return (type(value) in alike and value == literal) is wanted

    return judge


def truth(read: Read) -> Judge:
    """Whether what is read is true."""

    def judge(scope: Scope) -> Answer:
        value = read(scope)
        return value if isinstance(value, bool) else _wrong(value)

    return judge


def member(text: str, read: Read) -> Judge:
    """Whether the text is in the list, or a key of the group of fields, that is read."""

    def judge(scope: Scope) -> Answer:
        value = read(scope)
        return text in value if isinstance(value, list | Mapping) else _wrong(value)

    return judge


def both(one: Judge, other: Judge) -> Judge:
    """Logical and."""

    def judge(scope: Scope) -> Answer:
        first = one(scope)
        if first is False:
            return False
        second = other(scope)
        return second if first is True or second is False else first

    return judge


def either(one: Judge, other: Judge) -> Judge:
    """Logical or."""

    def judge(scope: Scope) -> Answer:
        first = one(scope)
        if first is True:
            return True
        second = other(scope)
        return second if first is False or second is True else first

    return judge


def opposite(one: Judge) -> Judge:
    """Logical not."""

    def judge(scope: Scope) -> Answer:
        answer = one(scope)
        return not answer if isinstance(answer, bool) else answer

    return judge
