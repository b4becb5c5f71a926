"""The pieces that the schemas are made of: texts, durations, times, conditions, event names."""

from typing import Any

from care_contracts.catalogue import FIELDS

from outreach.core.policy import PURPOSES, Policy

Schema = dict[str, Any]


def text(description: str, *examples: str) -> Schema:
    """A text."""
    return _with({"type": "string", "description": description}, examples)


def number(description: str, low: float, high: float, *examples: float) -> Schema:
    """A number from `low` to `high`."""
    return _with({"type": "number", "minimum": low, "maximum": high, "description": description}, examples)


def whole(description: str, low: int, high: int, *examples: int) -> Schema:
    """A whole number from `low` to `high`."""
    return _with({"type": "integer", "minimum": low, "maximum": high, "description": description}, examples)


def duration(description: str, *examples: str) -> Schema:
    """Elapsed time."""
    return _with({"type": "string", "pattern": "^([0-9]+[smhdw])+$", "description": f"{description} Elapsed time: 90s, 10m, 4h, 3d, 2w or 1d12h."}, examples)


def minute(description: str, *examples: str) -> Schema:
    """A time of day."""
    return _with({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$", "description": description}, examples)


def condition(description: str, *examples: str) -> Schema:
    """A condition in CEL."""
    return _with(
        {"type": "string", "minLength": 1, "description": f'{description} A condition in quotes: event.FIELD, customer.FIELD, poor("90d") …'}, examples
    )


def choice(description: str, *words: Any) -> Schema:
    """One of a few words."""
    return {"enum": list(words), "description": description}


def purpose(description: str) -> Schema:
    """One of the purposes."""
    return choice(description, *PURPOSES)


def several(items: Schema, description: str, least: int = 0) -> Schema:
    """A list."""
    return {"type": "array", "items": items, "description": description} | ({"minItems": least} if least else {})


def group(description: str, properties: Schema, required: tuple[str, ...] = ()) -> Schema:
    """A mapping with these keys and no others."""
    return {"type": "object", "description": description, "properties": properties, "additionalProperties": False} | (
        {"required": list(required)} if required else {}
    )


def named(description: str, each: Schema) -> Schema:
    """A mapping whose keys are names of one's own."""
    return {"type": "object", "description": description, "additionalProperties": each}


def event_name(policy: Policy) -> Schema:
    """The type of an event."""
    return {"enum": sorted({*FIELDS, *policy.events}), "description": "The event's type."}


def event_or_list(policy: Policy, description: str) -> Schema:
    """One event type or several."""
    one = event_name(policy)
    return {"anyOf": [one, several(one, "Any of these.", 1)], "description": description}


def _with(schema: Schema, examples: tuple[Any, ...]) -> Schema:
    return schema | ({"examples": list(examples)} if examples else {})
