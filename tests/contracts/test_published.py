"""What is published for other systems: schemas that match the models, examples that both accept."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from care_contracts.catalogue import BY_NAME
from care_contracts.envelope import read_event
from care_contracts.generate import as_file, write
from care_contracts.jsonschemas import ENVELOPE, all_schemas
from care_contracts.published import SCHEMAS, example_of, examples, schemas
from care_contracts.records import Event

LATER = 4_102_444_800_000
EXAMPLES = list(examples())


def validator(event_type: str) -> Any:
    registry = jsonschema_rs.Registry([(name, schema) for name, schema in schemas().items()])
    return jsonschema_rs.Draft202012Validator(schemas()[f"{event_type}.schema.json"], registry=registry, validate_formats=True)


def test_the_published_schemas_are_those_of_the_models() -> None:
    """When this fails: python -m care_contracts.generate."""
    published = {path.name: path.read_text(encoding="utf-8") for path in SCHEMAS.iterdir()}
    assert published == {name: as_file(schema) for name, schema in all_schemas().items()}


def test_generating_removes_schemas_of_types_that_are_no_more(tmp_path: Path) -> None:
    (tmp_path / "order.forgotten.schema.json").write_text("{}")
    assert write(tmp_path) == len(list(tmp_path.iterdir())) == len(BY_NAME) + 1


@pytest.mark.parametrize("event_type", BY_NAME)
def test_every_type_has_an_example(event_type: str) -> None:
    assert example_of(event_type)["type"] == event_type


@pytest.mark.parametrize(("event_type", "name", "event"), EXAMPLES, ids=[f"{event_type}-{name}" for event_type, name, _ in EXAMPLES])
def test_every_example_is_accepted_by_model_and_schema(event_type: str, name: str, event: Any) -> None:
    assert isinstance(read_event(event, default_source="x", now=LATER), Event), name
    validator(event_type).validate(event)


BROKEN: list[tuple[str, dict[str, Any]]] = [
    ("order.placed", {"data": {}}),
    ("order.placed", {"data": {"order_id": "A1", "total": "3"}}),
    ("order.placed", {"colour": "red"}),
    ("order.placed", {"type": "order.shipped"}),
    ("customer.created", {"data": {"country": "gb"}}),
    ("survey.answered", {"data": {"survey": "s", "kind": "stars", "score": 1}}),
]


@pytest.mark.parametrize(("event_type", "changes"), BROKEN)
def test_what_the_models_refuse_the_schemas_refuse_too(event_type: str, changes: dict[str, Any]) -> None:
    assert not validator(event_type).is_valid(example_of(event_type) | changes)


def test_the_envelope_wants_a_customer() -> None:
    envelope = jsonschema_rs.Draft202012Validator(schemas()[ENVELOPE])
    assert envelope.is_valid({"id": "1", "type": "a.b", "customer_id": "c"})
    assert not envelope.is_valid({"id": "1", "type": "a.b"})


@pytest.mark.parametrize("module", ["records", "wire", "links", "clock", "identity", "reasons", "topics"])
def test_what_runs_for_every_record_loads_without_pydantic(module: str) -> None:
    code = f"import sys, json, care_contracts.{module}; print(json.dumps(sorted(sys.modules)))"
    loaded = json.loads(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout)
    assert f"care_contracts.{module}" in loaded
    assert not {"pydantic", "sqlalchemy", "email_validator"} & set(loaded)
