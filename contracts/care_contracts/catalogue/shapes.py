"""A shape: what one field of an event holds, in words for people, in a kind for conditions, and as a pydantic annotation."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError
from pydantic_core import PydanticCustomError, core_schema

from care_contracts.problems import closest

Kind = Literal["string", "number", "integer", "boolean", "time", "date", "list", "object"]
PROBLEM = "shape"


def anything(_value: Any) -> bool:
    """Every value of the right type will do."""
    return True


def no_guess(_value: Any) -> str:
    """Nothing can be guessed."""
    return ""


@dataclass(frozen=True)
class Shape:
    """Annotates a field's type. `spoken`: the values are never personal and may be repeated in messages.

    `fits` judges values of the right JSON type (ValueError counts as no), `meant` guesses what an unfit value should have been,
    and `schema` is what JSON Schema can say about it.
    """

    kind: Kind
    expected: str
    fits: Callable[[Any], object] = anything
    meant: Callable[[Any], str] = no_guess
    schema: Mapping[str, Any] = field(default_factory=dict, hash=False)
    spoken: bool = False
    personal: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """Lets pydantic check the type, `fits` the rest, and makes whatever is wrong the one problem of this shape."""
        return core_schema.no_info_wrap_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, core: core_schema.CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The type's JSON Schema with this shape's."""
        return {**handler(core), **self.schema}

    def _check(self, value: Any, inner: core_schema.ValidatorFunctionWrapHandler) -> Any:
        try:
            checked = inner(value)
        except ValidationError:
            checked = None
        if checked is None or not self.accepts(checked):
            raise PydanticCustomError(PROBLEM, "not of the expected shape", {"shape": self})
        return checked

    def accepts(self, value: Any) -> bool:
        """Whether a value of the right JSON type fits."""
        try:
            return bool(self.fits(value))
        except ValueError:
            return False


def shape_in(annotation: Any) -> Shape | None:
    """The Shape that annotates a type, also inside `X | None`; nothing for lists and objects."""
    if get_origin(annotation) is Annotated:
        return next((note for note in get_args(annotation)[1:] if isinstance(note, Shape)), None)
    if get_origin(annotation) is list:
        return None
    return next((found for part in get_args(annotation) if (found := shape_in(part))), None)


def one_of(*words: str) -> Shape:
    """The shape of a field that holds one of a few words."""
    return Shape("string", "one of " + ", ".join(words), words.__contains__, lambda value: closest(value, words), {"enum": list(words)}, spoken=True)
