"""The events that an example gives: with the fields of their type, and such as the door to the outside would let in."""

import re
from collections.abc import Mapping
from typing import Any

from care_contracts.catalogue import BY_NAME
from care_contracts.catalogue.findings import findings

from outreach.playbook.fields import Source
from outreach.playbook.problems import nearest
from outreach.playbook.yaml_text import Node, Place

_GOT = {"nothing": "missing"}
_MEANT = re.compile(r'did you mean "(.*)"\?')


def check_event(source: Source, node: Node, event: str, data: Mapping[str, Any]) -> None:
    """Adds what is wrong with a given line's event; the values themselves are not repeated where they may be personal."""
    _check_fields(source, node, event)
    row = BY_NAME.get(event)
    for found in findings(row.model, {name: value for name, value in data.items() if name != "id"}) if row else ():
        path = [part.replace("~1", "/").replace("~0", "~") for part in found.pointer.split("/")[1:]]
        meant = _MEANT.fullmatch(found.suggestion)
        hint = f": {found.suggestion}" if found.suggestion and not meant else ""
        message = f"{event} would be refused: {'.'.join(path)} is {_GOT.get(found.got, found.got)}{hint}"
        source.add(_place(node, path), "C059", message, expected=found.expected, suggestion=meant[1] if meant else "")


def _place(node: Node, path: list[str]) -> Place:
    """Where the value stands, or what should hold it and does not."""
    for part in path:
        inner = node.value.get(part) if isinstance(node.value, dict) else node.value[int(part)] if isinstance(node.value, list) else None
        if inner is None:
            break
        node = inner
    return node.place


def _check_fields(source: Source, node: Node, event: str) -> None:
    known = source.known
    if event not in known.events:
        return
    names = known.fields_of((event,)) | (known.traits if event.startswith("customer.") else frozenset())
    for name, place in node.keys.items():
        if name not in names | {"at", "event", "id"}:
            source.add(place, "C014", f'unknown field "event.{name}" of {event}', severity="warning", suggestion=nearest(name, sorted(names)))
