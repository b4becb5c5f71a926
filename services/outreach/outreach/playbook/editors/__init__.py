"""What editors need to know of a playbook's files: a JSON Schema for each kind, with descriptions and examples."""

from collections.abc import Mapping
from typing import Any

from outreach.core.policy import Policy
from outreach.playbook.editors.content import health_schema, letter_schema, survey_schema
from outreach.playbook.editors.parts import Schema
from outreach.playbook.editors.policy import policy_schema
from outreach.playbook.editors.rule import rule_schema

DIALECT = "http://json-schema.org/draft-07/schema#"


def schemas(policy: Policy) -> Mapping[str, Schema]:
    """Every schema by its file name. Editors' YAML support speaks draft 7; the policy's own events are offered beside the catalogue's."""
    found: dict[str, Any] = {
        "rule": rule_schema(policy),
        "policy": policy_schema(policy),
        "health": health_schema(),
        "survey": survey_schema(),
        "letter": letter_schema(),
    }
    return {f"{name}.schema.json": {"$schema": DIALECT, "title": name, **schema} for name, schema in found.items()}
