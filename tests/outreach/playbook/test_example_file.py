"""rules/_example.yaml is not used, but it is right, and it names every word that a rule file may hold."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from outreach.playbook.examples import run_example
from outreach.playbook.load import load_folder
from outreach.playbook.rule_file import OPTIONAL, REQUIRED
from outreach.playbook.steps_file import VERBS
from outreach.playbook.when_file import FORMS

SHIPPED = Path(__file__).parents[3] / "playbook"
EXAMPLE = SHIPPED / "rules" / "_example.yaml"


def test_it_is_not_used() -> None:
    assert "example" not in load_folder(SHIPPED).playbook.by_id


def test_copied_to_a_name_of_its_own_it_is_right(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "playbook")
    shutil.copy(EXAMPLE, tmp_path / "playbook" / "rules" / "example.yaml")
    folder = load_folder(tmp_path / "playbook")
    assert folder.errors == ()
    [file] = [file for file in folder.rules if file.rule.id == "example"]
    assert [result.happened for example in file.examples if not (result := run_example(file.rule, example, folder.playbook)).passed] == []


def keys(schema: Any) -> set[str]:
    """Every key that a file of this schema may hold, at any depth."""
    if isinstance(schema, list):
        return {key for item in schema for key in keys(item)}
    if not isinstance(schema, dict):
        return set()
    return set(schema.get("properties", {})) | {key for item in schema.values() for key in keys(item)}


@pytest.mark.parametrize("key", sorted({*REQUIRED, *OPTIONAL, *VERBS, *FORMS} | keys(json.loads((SHIPPED / "schemas" / "rule.schema.json").read_text()))))
def test_it_names_every_key(key: str) -> None:
    assert re.search(rf"\b{key}:|`{key}`", EXAMPLE.read_text("utf-8"))
