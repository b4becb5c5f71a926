"""The schemas that editors use: up to date, agreeing with the shipped files and with what the loader knows."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from outreach.core.policy import Policy
from outreach.letters.source import KEYS as LETTER_KEYS
from outreach.playbook import health_file, policy_file, rule_file, steps_file, when_file
from outreach.playbook.editors import schemas
from outreach.playbook.load import load_folder
from outreach.playbook.yaml_text import parse

SHIPPED = Path(__file__).parents[3] / "playbook"
SCHEMAS = schemas(load_folder(SHIPPED).playbook.policy)
MODELINE = re.compile(r"# yaml-language-server: \$schema=(\S+)")
FILES = sorted(path for path in SHIPPED.rglob("*.yaml") if path.parent.name in {"playbook", "rules", "surveys"})


def schema_of(path: Path) -> Any:
    names = {"rules": "rule", "surveys": "survey"}
    return SCHEMAS[f"{names.get(path.parent.name, path.stem)}.schema.json"]


def validator(schema: Any) -> Any:
    return jsonschema_rs.Draft7Validator(schema)


def test_the_shipped_schemas_are_up_to_date() -> None:
    """When this fails: care schema playbook."""
    shipped = {path.name: json.loads(path.read_text("utf-8")) for path in (SHIPPED / "schemas").iterdir()}
    assert shipped == SCHEMAS


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_shipped_file_names_its_schema_and_fits_it(path: Path) -> None:
    text = path.read_text("utf-8")
    named = MODELINE.match(text)
    assert named, "expected the modeline first"
    assert json.loads((path.parent / named[1]).resolve().read_text("utf-8")) == schema_of(path)
    assert [error.message for error in validator(schema_of(path)).iter_errors(parse(text).plain())] == []


def keys_in(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for part in schema.values():
            yield from keys_in(part)
    if isinstance(schema, list):
        for part in schema:
            yield from keys_in(part)


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("rule", (*rule_file.REQUIRED, *rule_file.OPTIONAL, *when_file.FORMS, *steps_file.VERBS)),
        ("policy", policy_file.KEYS),
        ("health", (*health_file.KEYS, *health_file.WEIGHTS, *health_file.BANDS)),
        ("letter", LETTER_KEYS),
    ],
)
def test_the_schema_knows_every_key_that_the_loader_knows(name: Any, keys: Any) -> None:
    assert set(keys) <= set(keys_in(SCHEMAS[f"{name}.schema.json"]))


def described(schema: Any, place: str = "") -> Iterator[str]:
    if isinstance(schema, dict):
        for key, part in schema.get("properties", {}).items():
            if not part.get("description"):
                yield f"{place}/{key}"
        for key, part in schema.items():
            yield from described(part, f"{place}/{key}")


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_key_is_explained(name: Any) -> None:
    assert list(described(SCHEMAS[name])) == []


MISTAKES = [
    ("rule", "prioritty: 5", "prioritty"),
    ("rule", "when: {event: order.plased}", ""),
    ("rule", "when: {event: order.placed, no: order.placed, for: 3d}", ""),
    ("rule", "then: [{send: a, wait: 3d}]", ""),
    ("rule", "then: [{wait: 3 days}]", ""),
    ("rule", "then: [{alert: {to: care}}]", ""),
    ("rule", "purpose: marketing", ""),
    ("policy", "quiet_hours: {from: '25:00', to: '08:00'}", ""),
    ("policy", "caps: {all: [{at_most: 1}]}", ""),
    ("health", "weights: {poor: 22}", ""),
    ("survey", "{kind: stars, question: {en: a}, answers: {en: [a, b]}}", ""),
    ("letter", "{subject: a, preheder: b}", "preheder"),
]


@pytest.mark.parametrize(("name", "text", "word"), MISTAKES)
def test_an_editor_underlines_mistakes(name: Any, text: Any, word: Any) -> None:
    good = parse(next(path for path in FILES if path.stem == "welcome").read_text("utf-8")).plain() if name == "rule" else {}
    errors = list(validator(SCHEMAS[f"{name}.schema.json"]).iter_errors(good | parse(text).plain()))
    assert errors
    assert any(word in error.message for error in errors)


def test_the_playbooks_own_events_are_offered() -> None:
    own = schemas(Policy(events={"club.joined": {"level": "string"}}))["rule.schema.json"]
    assert '"club.joined"' in json.dumps(own)
