"""YAML 1.2 text to plain values that remember where they stand; anchors, aliases, tags and duplicate keys are refused."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import yaml
from yaml import AliasEvent, CollectionEndEvent, CollectionStartEvent, DocumentStartEvent, MappingStartEvent, MarkedYAMLError, NodeEvent, SequenceStartEvent
from yaml.reader import ReaderError

from outreach.playbook.yaml_words import plain_words

MAX_BYTES = 256 * 1024
MAX_DEPTH = 40
MAX_VALUES = 20_000
MAX_DIGITS = 18

# Only line feeds end a line (YAML 1.2.2, section 5.4); to libyaml these end one too, so that every place behind them would be wrong.
_ODD_BREAKS = re.compile("[\x85\u2028\u2029]")

Place = tuple[int, int]


class BadYaml(ValueError):
    """The text is not YAML that a playbook may hold; `place` is its line and column. Where it `hides` the value, nothing more can be said of that."""

    def __init__(self, place: Place, message: str, code: str = "C001", *, hides: bool = True) -> None:
        super().__init__(message)
        self.place = place
        self.code = code
        self.hides = hides


@dataclass(frozen=True, slots=True)
class Node:
    """A value and where it stands (line and column from 1): a mapping of texts to nodes, a list of nodes, or a scalar."""

    value: Any
    place: Place
    keys: Mapping[str, Place] = field(default_factory=dict)

    def plain(self) -> Any:
        """The value without places."""
        if isinstance(self.value, dict):
            return {name: node.plain() for name, node in self.value.items()}
        return [node.plain() for node in self.value] if isinstance(self.value, list) else self.value


def parse(text: str) -> Node:
    """The one document in a YAML 1.2 text; raises BadYaml with line and column, for the first thing that a playbook may not hold."""
    node, tricks = read(text)
    if tricks:
        raise tricks[0]
    return node


def read(text: str) -> tuple[Node, list[BadYaml]]:
    """The same with all of YAML in it that a playbook may not hold; raises BadYaml when it cannot be read. Nothing is unfolded: no bomb can go off.

    libyaml finds the pieces, twenty-five times as fast as a parser in Python; what a scalar means is decided here, by YAML 1.2.
    """
    size = len(text.encode())
    if size > MAX_BYTES:
        raise BadYaml((1, 1), f"expected at most {MAX_BYTES // 1024} KB, got {size // 1024} KB")
    _shallow(text)
    if odd := _ODD_BREAKS.search(text):
        raise BadYaml(_place_at(text, odd.start()), "an invisible line break (NEL, LS or PS): write a space")
    tricks: list[BadYaml] = []
    try:
        content = list(_content(yaml.parse(text, Loader=yaml.CSafeLoader), tricks))
    except MarkedYAMLError as error:
        raise _in_plain_words(error, text) from error
    except ReaderError as error:
        raise BadYaml(_place_at(text, error.position), "a character that YAML does not allow") from error
    except yaml.YAMLError as error:
        raise BadYaml((1, 1), "not readable as YAML") from error
    return (_read(iter(content), tricks) if content else Node({}, (1, 1))), sorted(tricks, key=lambda trick: trick.place)


def _in_plain_words(error: MarkedYAMLError, text: str) -> BadYaml:
    """A bracket or a quote that is never closed is shown where it opens, everything else where the parser stumbled."""
    opened = f"{error.context}".startswith("while parsing a flow") or "end of stream" in f"{error.problem}"
    mark = error.context_mark if opened else error.problem_mark or error.context_mark
    place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return BadYaml(place, plain_words(f"{error.problem or error.context}", text.splitlines()[place[0] - 1 :][:1], place[1]))


def _place_at(text: str, position: int) -> Place:
    before = text[:position]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _shallow(text: str) -> None:
    """Refuses by sight what only a bomb nests so deeply, before the parser works through it."""
    for number, line in enumerate(text.splitlines(), 1):
        opened = line.count("[") + line.count("{")
        if opened > MAX_DEPTH * 10:
            raise BadYaml((number, 1), f"nested deeper than {MAX_DEPTH} levels", "C024")


def _content(events: Iterator[Any], tricks: list[BadYaml]) -> Iterator[Any]:
    """The values among the parser's events. Reading stops at what is too deep or too much, because the parser slows down with it."""
    depth, values, documents = 0, 0, 0
    for event in events:
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        values += isinstance(event, NodeEvent)
        documents += isinstance(event, DocumentStartEvent)
        if depth > MAX_DEPTH:
            raise BadYaml(_place(event), f"nested deeper than {MAX_DEPTH} levels", "C024")
        if values > MAX_VALUES:
            raise BadYaml(_place(event), f"more than {MAX_VALUES} values in one file", "C024")
        if documents > 1:
            tricks.append(BadYaml(_place(event), "a second document in one file: write it into a file of its own", "C024"))
            return
        if isinstance(event, NodeEvent | CollectionEndEvent):
            yield event


def _place(thing: Any) -> Place:
    return (thing.start_mark.line + 1, thing.start_mark.column + 1)


def _read(events: Iterator[Any], tricks: list[BadYaml]) -> Node:
    """The next value of the event stream; nothing where an alias stands for it."""
    event = next(events)
    if event.anchor or event.tag:
        tricks.extend(_tricks(event))
    if isinstance(event, AliasEvent):
        return Node(None, _place(event))
    if isinstance(event, MappingStartEvent):
        return _mapping(event, events, tricks)
    if isinstance(event, SequenceStartEvent):
        return Node(list(_items(events, tricks)), _place(event))
    return Node(_scalar(event.value) if event.implicit[0] else event.value, _place(event))


def _tricks(event: Any) -> Iterator[BadYaml]:
    alias = isinstance(event, AliasEvent)
    if alias or event.anchor:
        yield BadYaml(_place(event), "anchors and aliases (& and *) are not part of the language: write the value out", "C024", hides=alias)
    if not alias and event.tag and str(event.tag) != "!":
        yield BadYaml(_place(event), "tags (!) are not part of the language: put the value in quotes", "C024")


def _items(events: Iterator[Any], tricks: list[BadYaml]) -> Iterator[Node]:
    for event in events:
        if isinstance(event, CollectionEndEvent):
            return
        yield _read(chain((event,), events), tricks)


def _mapping(start: Any, events: Iterator[Any], tricks: list[BadYaml]) -> Node:
    """A mapping without the keys that are none; what holds no others is no mapping."""
    values: dict[str, Node] = {}
    keys: dict[str, Place] = {}
    items, odd = _items(events, tricks), None
    for key in items:
        name, value = str(key.value), next(items)
        if isinstance(key.value, dict | list):
            tricks.append(BadYaml(key.place, 'a key in brackets: a text that begins with "{" or "[" needs quotes around it', "C024"))
            odd = key.place
        elif name in values:
            tricks.append(BadYaml(key.place, f'the key "{name}" stands here twice', "C024"))
        else:
            values[name], keys[name] = value, key.place
    return Node(None, odd) if odd and not values else Node(values, _place(start), keys)


_BOOLEANS = {word: word.lower() == "true" for word in ("true", "True", "TRUE", "false", "False", "FALSE")}
_WORDS: Mapping[str, bool | None] = dict.fromkeys(("", "~", "null", "Null", "NULL")) | _BOOLEANS
_INT = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


def _scalar(text: str) -> Any:
    """A plain scalar by the core schema (YAML 1.2.2, section 10.3.2); a date or a time of day stays the text that it looks like."""
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text) if len(text) <= MAX_DIGITS else float(text)
    if _BASED.fullmatch(text):
        return int(text, 0)
    return float(text) if _FLOAT.fullmatch(text) else text
