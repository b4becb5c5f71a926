"""What pydantic finds, told as problems: where, what was expected, what came, what was probably meant."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, get_type_hints

from pydantic import BaseModel, ValidationError

from care_contracts.catalogue.shapes import Shape, shape_in
from care_contracts.problems import Problem, pointer, shape_of, spelled

_TYPES = {"list_type": "a list", "dict_type": "an object", "model_type": "an object"}


def findings(model: type[BaseModel], value: Mapping[str, Any], *above: str) -> Iterator[Problem]:
    """Every problem that `value` has as a `model`; `above` is the path from the whole event to it."""
    try:
        model.model_validate(value)
    except ValidationError as error:
        for found in error.errors(include_url=False):
            yield _problem(model, found, above)


def _problem(model: type[BaseModel], found: Any, above: tuple[str, ...]) -> Problem:
    place, came = pointer(*above, *found["loc"]), found["input"]
    if found["type"] == "missing":
        return Problem(place, _required(model).get(found["loc"][0], "this field") + " (required)", "nothing")
    shape = found.get("ctx", {}).get("shape")
    if isinstance(shape, Shape):
        return Problem(place, shape.expected, spelled(came) if shape.spoken else shape_of(came), shape.meant(came))
    return Problem(place, _TYPES.get(found["type"], "another value"), shape_of(came))


@cache
def _required(model: type[BaseModel]) -> dict[str, str]:
    """What is expected in each field that has a shape."""
    hints = get_type_hints(model, include_extras=True)
    return {field.alias or name: shape.expected for name, field in model.model_fields.items() if (shape := shape_in(hints[name]))}
