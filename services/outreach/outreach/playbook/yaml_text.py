"""YAML 1.2 text to plain values that remember where they stand; anchors, aliases, tags and duplicate keys are refused."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import AliasEvent, CollectionStartEvent, ScalarEvent
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

MAX_BYTES = 256 * 1024
MAX_DEPTH = 40

Place = tuple[int, int]


class BadYaml(ValueError):
    """The text is not YAML that a playbook may hold; `place` is its line and column."""

    def __init__(self, place: Place, message: str, code: str = "C001") -> None:
        super().__init__(message)
        self.place = place
        self.code = code


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
    """The one document in a YAML 1.2 text; raises BadYaml with line and column."""
    if len(text.encode()) > MAX_BYTES:
        raise BadYaml((1, 1), f"expected at most {MAX_BYTES // 1024} KB, got {len(text.encode()) // 1024} KB")
    try:
        _refuse_tricks(text)
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise BadYaml(place, f"{error.problem or error.context}") from error
    except (ValueError, RecursionError) as error:
        raise BadYaml((1, 1), f"not readable as YAML: {type(error).__name__}") from error
    return Node({}, (1, 1)) if root is None else _node(root)


def _refuse_tricks(text: str) -> None:
    """Looks at the events before anything is built, so that no bomb is ever unfolded."""
    depth = 0
    for event in _events(text):
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            raise BadYaml(_place(event), "anchors and aliases (& and *) are not part of the language: write the value out", "C024")
        if isinstance(event, ScalarEvent | CollectionStartEvent) and getattr(event, "tag", None) and str(event.tag) != "!":
            raise BadYaml(_place(event), "tags (!) are not part of the language: put the value in quotes", "C024")
        depth += isinstance(event, CollectionStartEvent)
        if depth > MAX_DEPTH * 1000:
            raise BadYaml(_place(event), "more values than a playbook file can need", "C024")


def _events(text: str) -> Iterator[Any]:
    return iter(YAML(typ="safe", pure=True).parse(text))


def _place(thing: Any) -> Place:
    return (thing.start_mark.line + 1, thing.start_mark.column + 1)


def _node(node: Any, depth: int = 0) -> Node:
    if depth > MAX_DEPTH:
        raise BadYaml(_place(node), f"nested deeper than {MAX_DEPTH} levels", "C024")
    if isinstance(node, MappingNode):
        return _mapping(node, depth)
    if isinstance(node, SequenceNode):
        return Node([_node(item, depth + 1) for item in node.value], _place(node))
    return Node(_scalar(node), _place(node))


def _mapping(node: MappingNode, depth: int) -> Node:
    values: dict[str, Node] = {}
    keys: dict[str, Place] = {}
    for key, value in node.value:
        name = str(key.value)
        if name in values:
            raise BadYaml(_place(key), f'the key "{name}" stands here twice', "C024")
        values[name], keys[name] = _node(value, depth + 1), _place(key)
    return Node(values, _place(node), keys)


def _scalar(node: ScalarNode) -> Any:
    """Numbers, booleans and null by the YAML 1.2 core schema; a date or a time of day stays the text that it looks like."""
    kind = str(node.tag).rsplit(":", 1)[-1]
    text = node.value
    if kind == "int":
        return int(text, 0) if text.lower().lstrip("+-").startswith(("0x", "0o")) else int(text)
    if kind == "float":
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    if kind == "bool":
        return text.lower() == "true"
    return None if kind == "null" else text
