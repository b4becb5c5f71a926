"""Playbook folders to be broken on purpose."""

from collections.abc import Callable
from pathlib import Path

import pytest
from outreach.playbook.load import Folder, load_folder

POLICY = """
brand: {name: Northwind, from: care@northwind.example}
languages: [en]
time_zone: Europe/London
quiet_hours: {from: "20:00", to: "08:00"}
teams: {care: {email: team@northwind.example}}
webhooks: {loyalty: {url: "https://loyalty.example/calls", secret_env: LOYALTY_SECRET}}
"""
RULE = """
id: hello
why: A kind word.
purpose: care
when: {event: order.placed, if: 'event.total >= 20'}
then:
  - send: hello
examples:
  - name: says hello
    given: [{at: 2026-03-02 10:00, event: order.placed, order_id: A1, total: 50}]
    expect: [{at: 2026-03-02 10:00, send: hello}]
  - name: leaves small orders in peace
    given: [{at: 2026-03-02 10:00, event: order.placed, order_id: A1, total: 5}]
    expect: nothing
"""
LETTER = """---
subject: Hello
preheader: A kind word
---
Hi {{ customer.first_name | default("there") }}!
"""


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Folder]:
    """Loads a small right playbook in which some files are replaced: `folder({"rules/hello.yaml": text})`."""

    def load(changed: dict[str, str] | None = None) -> Folder:
        files = {"policy.yaml": POLICY, "rules/hello.yaml": RULE.lstrip(), "letters/hello.md": LETTER, "coupons/thank-you.txt": "# spring\nFIRST-1\n"}
        for name, text in (files | (changed or {})).items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return load_folder(tmp_path)

    return load


@pytest.fixture
def rule_text() -> str:
    """The text of the small right rule."""
    return RULE.lstrip()
