"""A small playbook, a log of three customers whose report can be worked out by hand, and the command as it is typed."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

POLICY = """
brand: {name: Northwind, from: care@northwind.example}
languages: [en]
time_zone: Europe/London
currency: GBP
prices: {email: 0.5}
quiet_hours: {from: "20:00", to: "08:00"}
caps: {all: [{at_most: 1, per: 72h}]}
teams: {care: {email: team@northwind.example}}
"""
EXAMPLES = """
examples:
  - {name: acts, given: [{at: 2026-03-02 10:00, event: %(event)s}], expect: [{at: 2026-03-02 10:00, %(acts)s}]}
  - {name: rests, given: [{at: 2026-03-02 10:00, event: product.used}], expect: nothing}
"""
LETTER = "---\nsubject: Hello\npreheader: A kind word\n---\nHi!\n"
WELCOME = "id: welcome\nwhy: A kind word.\npurpose: care\nwhen: {event: customer.created}\nthen: [{send: hello}]\nexpires_after: 2d\n"
THANKS = """id: thanks
why: Large orders are a pleasure.
purpose: care
when: {event: order.placed, if: 'event.total >= 20'}
then: [{send: thanks}]
once_per: event.order_id
expires_after: 1d
"""
WORRY = "id: worry\nwhy: A person looks after it.\npurpose: staff\nwhen: {event: ticket.opened}\nthen: [{alert: {to: care, summary: Look at this}}]\n"
FILES = {
    "policy.yaml": POLICY,
    "rules/welcome.yaml": WELCOME + EXAMPLES % {"event": "customer.created", "acts": "send: hello"},
    "rules/thanks.yaml": THANKS + EXAMPLES % {"event": "order.placed, order_id: A1, total: 50", "acts": "send: thanks"},
    "rules/worry.yaml": WORRY + EXAMPLES % {"event": "ticket.opened, ticket_id: T1, subject: Hm", "acts": "alert: care"},
    "letters/hello.md": LETTER,
    "letters/thanks.md": LETTER,
}


def event(at: str, customer: str, kind: str, name: str, **data: Any) -> dict[str, Any]:
    """An event as posted; `at` is `02 10:00` of March 2026 in UTC."""
    return {"id": name, "source": "shop", "type": kind, "customer_id": customer, "time": f"2026-03-{at.replace(' ', 'T')}:00Z", "data": data}


STORY = [
    event("02 10:00", "c1", "customer.created", "e1", email="ann@mail.example"),
    event("02 12:00", "c1", "order.placed", "e2", order_id="A1", total=50),
    event("02 13:00", "c1", "order.placed", "e3", order_id="A1", total=50),
    event("02 22:00", "c2", "customer.created", "e4", email="bob@mail.example"),
    event("04 09:00", "c2", "ticket.opened", "e5", ticket_id="T1", subject="Hm"),
    event("05 09:00", "c3", "order.placed", "e6", order_id="B1", total=50),
    event("06 09:00", "c3", "order.placed", "e7", order_id="B2", total=5),
]


def lines_of(events: Iterable[dict[str, Any]]) -> str:
    """One event in each line."""
    return "".join(json.dumps(one) + "\n" for one in events)


@pytest.fixture
def write() -> Callable[..., Path]:
    """Writes a playbook into a folder, some of its files changed (None leaves one out)."""

    def into(folder: Path, changed: dict[str, str | None] | None = None) -> Path:
        for name, text in (FILES | (changed or {})).items():
            if text is not None:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_text(text)
        return folder

    return into


@pytest.fixture
def playbook(tmp_path: Path, write: Callable[..., Path]) -> Path:
    """The small playbook."""
    return write(tmp_path / "playbook")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """The story as it would be posted."""
    path = tmp_path / "log.jsonl"
    path.write_text(lines_of(STORY))
    return path


@pytest.fixture
def care() -> Callable[..., Any]:
    """Runs `care backtest` with these words."""

    def run(*words: Any) -> Any:
        return subprocess.run([sys.executable, "-m", "outreach.cli", "backtest", *map(str, words)], capture_output=True, text=True, check=False)

    return run


@pytest.fixture
def report(care: Callable[..., Any], playbook: Path) -> Callable[..., Any]:
    """The JSON report on a log, on one core unless said otherwise."""

    def run(events: Any, *words: Any) -> Any:
        done = care("--events", events, "--playbook", playbook, "--format", "json", *(() if "--cores" in words else ("--cores", 1)), *words)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run
