"""The catalogue of events: what each type carries, for checks, conditions, schemas and documentation."""

from care_contracts.catalogue.fieldbook import FIELDS, PERSONAL, TRAITS, FieldNote, field_notes
from care_contracts.catalogue.types import BY_NAME, TYPES, EventType

__all__ = ["BY_NAME", "FIELDS", "PERSONAL", "TRAITS", "TYPES", "EventType", "FieldNote", "field_notes"]
