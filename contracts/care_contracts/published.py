"""The schemas and examples as they lie beside this module: for documentation, and for everybody who copies one."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

SCHEMAS = Path(__file__).parent / "schemas"
EXAMPLES = Path(__file__).parent / "examples"


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@cache
def schemas() -> dict[str, Any]:
    """Every JSON Schema by its file name."""
    return {path.name: _json(path) for path in sorted(SCHEMAS.glob("*.schema.json"))}


def examples() -> Iterator[tuple[str, str, Any]]:
    """Every example: the event type, the example's name, the event."""
    for path in sorted(EXAMPLES.glob("*/*.json")):
        yield path.parent.name, path.stem, _json(path)


@cache
def example_of(event_type: str) -> Any:
    """The first example of an event type."""
    return _json(min((EXAMPLES / event_type).glob("*.json")))
