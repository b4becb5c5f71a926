"""The JSON Schemas (2020-12) of the envelope and of every event type, made from the models."""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from care_contracts.catalogue import TYPES, EventType
from care_contracts.envelope import Envelope

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ENVELOPE = "envelope.schema.json"
Schema = dict[str, Any]


class _Plain(GenerateJsonSchema):
    """Without the titles and null defaults that pydantic adds and nobody reads."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Never: a field's name says it already."""
        del schema
        return False

    def default_schema(self, schema: Any) -> Schema:
        """A field that may be left out; what stands for it is nobody's business."""
        return self.generate_inner(schema["schema"])

    def nullable_schema(self, schema: Any) -> Schema:
        """`null` as one more type, on one line where the type is simple."""
        inner = self.generate_inner(schema["schema"])
        if not isinstance(inner.get("type"), str):
            return {"anyOf": [inner, {"type": "null"}]}
        return {**inner, "type": [inner["type"], "null"]} | ({"enum": [*inner["enum"], None]} if "enum" in inner else {})


def _of(model: type[BaseModel]) -> Schema:
    schema = model.model_json_schema(schema_generator=_Plain)
    return _untitled(schema)


def _untitled(schema: Schema) -> Schema:
    schema.pop("title", None)
    for inner in schema.get("$defs", {}).values():
        inner.pop("title", None)
    return schema


def envelope_schema() -> Schema:
    """What every event looks like from outside."""
    customer = [{"required": ["subject"]}, {"required": ["customer_id"]}]
    return {"$schema": DIALECT, "$id": ENVELOPE, "title": "event", **_of(Envelope), "anyOf": customer}


def event_schema(event_type: EventType) -> Schema:
    """One type of event: the envelope with this type's data. Shared parts of the data are in `$defs`."""
    data = _of(event_type.model)
    parts = data.pop("$defs", {})
    required = ["type", "data"] if "required" in data else ["type"]
    properties = {"type": {"const": event_type.name}, "data": data}
    schema: Schema = {"$schema": DIALECT, "$id": f"{event_type.name}.schema.json", "title": event_type.name, "description": f"Says that {event_type.meaning}."}
    schema |= {"allOf": [{"$ref": ENVELOPE}], "properties": properties, "required": required}
    return schema | ({"$defs": parts} if parts else {})


def all_schemas() -> dict[str, Schema]:
    """Every schema by its file name."""
    return {ENVELOPE: envelope_schema()} | {f"{each.name}.schema.json": event_schema(each) for each in TYPES}
