"""`python -m care_contracts.generate` writes the JSON Schemas of the events beside this module."""

import json
from pathlib import Path

from care_contracts.jsonschemas import all_schemas
from care_contracts.published import SCHEMAS


def as_file(schema: dict[str, object]) -> str:
    """The text of a schema's file."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def write(folder: Path) -> int:
    """Writes every schema, removes those of types that are no more, and gives their number."""
    wanted = all_schemas()
    folder.mkdir(exist_ok=True)
    for path in folder.glob("*.schema.json"):
        if path.name not in wanted:
            path.unlink()
    for name, schema in wanted.items():
        (folder / name).write_text(as_file(schema), encoding="utf-8")
    return len(wanted)


if __name__ == "__main__":
    print(f"wrote {write(SCHEMAS)} schemas to {SCHEMAS}")  # noqa: T201 # a command's output
