"""The fields of every event type and every customer trait, read off the models."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import get_type_hints

from pydantic import BaseModel

from care_contracts.catalogue.customers import Customer
from care_contracts.catalogue.data import EventData
from care_contracts.catalogue.shapes import Kind, shape_in
from care_contracts.catalogue.types import TYPES


@dataclass(frozen=True)
class FieldNote:
    """What is to be known about one field. `expected` is in the words of the messages."""

    name: str
    kind: Kind
    expected: str
    required: bool
    personal: bool
    description: str


def field_notes(model: type[BaseModel]) -> Iterator[FieldNote]:
    """One note for each field of a model, required fields first."""
    hints = get_type_hints(model, include_extras=True)
    for name, field in sorted(model.model_fields.items(), key=lambda pair: not pair[1].is_required()):
        shape = shape_in(hints[name])
        collection: Kind = "object" if "dict" in str(hints[name]) else "list"
        kind, expected, personal = (
            (shape.kind, shape.expected, shape.personal) if shape else (collection, f"a{'n' * (collection == 'object')} {collection}", False)
        )
        yield FieldNote(field.alias or name, kind, expected, field.is_required(), personal, field.description or "")


def _kinds(model: type[EventData]) -> Mapping[str, Kind]:
    return MappingProxyType({note.name: note.kind for note in field_notes(model)})


FIELDS: Mapping[str, Mapping[str, Kind]] = MappingProxyType({each.name: _kinds(each.model) for each in TYPES})
"""By event type: each field of its data and the kind of its values."""

TRAITS: Mapping[str, Kind] = _kinds(Customer)
"""What is known of a customer by name; other traits are a playbook's own."""

PERSONAL: frozenset[str] = frozenset({"address"}).union(note.name for each in TYPES for note in field_notes(each.model) if note.personal)
"""Fields that tell who somebody is or what they said. A postal address is no field of any event, but may be a trait."""
