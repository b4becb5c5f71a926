"""A condition as CEL has understood it: a tree of parts, each with its kind and its place.

CEL hands its tree out as a protobuf message alone (cel.expr.CheckedExpr in checked.proto and syntax.proto of the CEL specification); the few fields that are
looked at are read here by their numbers.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

Message = Mapping[int, list[bytes | int]]

_ANY_VALUE, _TYPES, _EXPRESSION, _INFORMATION, _POSITIONS, _KEY, _VALUE = 2, 3, 4, 5, 4, 1, 2
_ID, _CONSTANT, _NAME, _FIELD, _CALL = 2, 3, 4, 5, 6
_PRIMITIVE, _INTEGER, _STRING = 3, 3, 6
_PRIMITIVES: Mapping[object, str] = {1: "bool", 2: "int", 3: "uint", 4: "double", 5: "string"}
_PARTS = {7: (1,), 8: (2,), 9: (2, 4, 5, 6, 7)}  # lists, structures, and what goes through a list


@dataclass(frozen=True, slots=True)
class Part:
    """One part. `what` is constant, name, field, has, call or other; `name` its text, name or function; `column` counts from 1, through all lines.

    `kind` is bool, int, uint, double or string as far as CEL knows it, otherwise empty. Two parts are equal when they say the same.
    """

    what: str
    name: str
    parts: tuple["Part", ...]
    kind: str
    column: int = field(compare=False)

    def all(self) -> Iterator["Part"]:
        """This part and everything inside it."""
        return chain((self,), *(part.all() for part in self.parts))

    @property
    def begins(self) -> int:
        """The column where it begins; CEL itself points at the sign, the dot or the bracket in its middle."""
        return min(part.column - part.before for part in self.all())

    @property
    def before(self) -> int:
        """How much stands before the bracket at which CEL points."""
        if self.what == "has":
            return len("has")
        return len(self.name) if self.what == "call" and self.name[0].isalpha() else 0


def read_tree(serialized: bytes) -> Part:
    """The tree in what CEL's expression serializes to."""
    checked = _message(_first(_message(serialized), _ANY_VALUE))
    kinds = {key: _PRIMITIVES.get(_number(_message(value), _PRIMITIVE), "") for key, value in _map(checked, _TYPES)}
    places = {_number(entry, _KEY): _number(entry, _VALUE) for entry in _messages(_message(_first(checked, _INFORMATION)), _POSITIONS)}
    return _part(_message(_first(checked, _EXPRESSION)), kinds, places)


def _part(message: Message, kinds: Mapping[int, str], places: Mapping[int, int]) -> Part:
    number = _number(message, _ID)
    what, name, inside = _looked_at(message)
    parts = tuple(_part(each, kinds, places) for each in inside)
    return Part(what, name, parts, kinds.get(number, ""), places.get(number, 0) + 1)


def _looked_at(message: Message) -> tuple[str, str, list[Message]]:
    if _CONSTANT in message:
        return "constant", _spelled(_message(_first(message, _CONSTANT))), []
    if _NAME in message:
        return "name", _text(_message(_first(message, _NAME)), 1), []
    if _FIELD in message:
        selected = _message(_first(message, _FIELD))
        return "has" if _number(selected, 3) else "field", _text(selected, 2), _messages(selected, 1)
    if _CALL in message:
        call = _message(_first(message, _CALL))
        return "call", _text(call, 2), [*_messages(call, 1), *_messages(call, 3)]
    inside = [each for kind, numbers in _PARTS.items() if kind in message for number in numbers for each in _messages(_message(_first(message, kind)), number)]
    return "other", "", inside


def _spelled(constant: Message) -> str:
    """Texts and whole numbers as they are; of others no more is asked than whether they are the same."""
    if _INTEGER in constant:
        number = _number(constant, _INTEGER)
        return str(number - 2**64 if number >> 63 else number)
    return _text(constant, _STRING) if _STRING in constant else repr(constant)


def _message(data: bytes) -> Message:
    """The fields of a message by number (Protocol Buffers, "Encoding")."""
    found: dict[int, list[bytes | int]] = {}
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        kind, value = tag & 7, b""
        if kind == 0:
            number, at = _varint(data, at)
            found.setdefault(tag >> 3, []).append(number)
            continue
        length, at = _varint(data, at) if kind == 2 else ({1: 8, 5: 4}[kind], at)  # of the encoding
        value, at = data[at : at + length], at + length
        found.setdefault(tag >> 3, []).append(value)
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value, shift = 0, 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:  # the highest bit says that another byte follows
            return value, at


def _first(message: Message, number: int) -> bytes:
    value = message.get(number, [b""])[0]
    return value if isinstance(value, bytes) else b""


def _number(message: Message, number: int) -> int:
    value = message.get(number, [0])[0]
    return value if isinstance(value, int) else 0


def _text(message: Message, number: int) -> str:
    return _first(message, number).decode()


def _messages(message: Message, number: int) -> list[Message]:
    return [_message(each) for each in message.get(number, ()) if isinstance(each, bytes)]


def _map(message: Message, number: int) -> Iterator[tuple[int, bytes]]:
    return ((_number(entry, _KEY), _first(entry, _VALUE)) for entry in _messages(message, number))
