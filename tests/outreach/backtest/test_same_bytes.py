"""The same log gives the same bytes, on however many cores and in whatever order the customers lie in it, with bounded memory."""

import json
import random
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from care_contracts.reasons import Verdict
from care_contracts.records import Command, Decision, Event
from hypothesis import given, settings
from hypothesis import strategies as st
from outreach.backtest.events import read_line
from outreach.backtest.parts import parts_at
from outreach.backtest.render.html import html
from outreach.backtest.render.jsontext import json_text
from outreach.backtest.render.markdown import markdown
from outreach.backtest.render.text import text
from outreach.backtest.reporting import make_report
from outreach.backtest.run import Outcome, Task, backtest
from outreach.core.customer import Customer
from outreach.core.decide import Tick, decide
from outreach.core.note import NOTERS
from outreach.playbook.load import load_folder

from tests.outreach.backtest.conftest import event, lines_of

SHIPPED = Path(__file__).parents[3] / "playbook"
PLAYBOOK = load_folder(SHIPPED).playbook


def many(customers: int, events: int, seed: int = 7) -> list[dict[str, Any]]:
    """Customers with mixed fates, in the order of time."""
    dice = random.Random(seed)  # noqa: S311 - repeatable, no secret
    found = [event("01 08:00", f"c{number}", "customer.created", f"c{number}", email=f"c{number}@mail.example") for number in range(customers)]
    for number in range(events):
        at, who, about = (
            f"{dice.randint(2, 28):02} {dice.randint(0, 23):02}:{dice.randint(0, 59):02}",
            f"c{dice.randrange(customers)}",
            {"order_id": f"o{number}"},
        )
        kind = dice.choice(("order.placed", "order.delivered", "order.delivered", "order.returned", "ticket.opened"))
        data = {"ticket_id": f"t{number}", "subject": "Hm"} if kind == "ticket.opened" else about
        found.append(event(at, who, kind, f"e{number}", **data))
    return sorted(found, key=lambda one: str(one["time"]))


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A log, and the same with its customers shuffled."""
    folder, events = tmp_path_factory.mktemp("logs"), many(60, 600)
    by_customer = defaultdict(list)
    for one in events:
        by_customer[one["customer_id"]].append(one)
    customers = list(by_customer.values())
    random.Random(1).shuffle(customers)  # noqa: S311 - repeatable, no secret
    for name, lines in (("log.jsonl", events), ("shuffled/log.jsonl", [one for lives in customers for one in lives])):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("nonsense\n" + lines_of(lines))
    return folder / "log.jsonl", folder / "shuffled" / "log.jsonl"


def test_the_same_bytes_on_one_two_and_three_cores(logs: tuple[Path, Path], write: Callable[..., Path], tmp_path: Path) -> None:
    other = write(tmp_path / "other")
    runs = ((logs[0], 1), (logs[0], 2), (logs[1], 3))
    one, two, shuffled = (told(*backtest(Task(parts_at(log), SHIPPED, other), cores, lambda *_: None)) for log, cores in runs)
    assert one == two == shuffled
    assert '"change": "lost"' in one[1]


def told(outcome: Outcome, end: int) -> list[str]:
    report = make_report(outcome, end, ("log.jsonl",), PLAYBOOK, ("other", PLAYBOOK))
    return [write(report) for write in (text, json_text, markdown, html)]


def test_the_number_of_shards_makes_no_difference(logs: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    task = Task(parts_at(logs[0]), SHIPPED, SHIPPED)
    one = told(*backtest(task, 1, lambda *_: None))
    monkeypatch.setattr("outreach.backtest.shards.SHARD_BYTES", 1000)
    monkeypatch.setattr("outreach.backtest.shards.BLOCK_BYTES", 300)
    assert told(*backtest(task, 1, lambda *_: None)) == one


KINDS = ("customer.created", "order.placed", "order.delivered", "order.returned", "ticket.opened", "consent.changed", "customer.deleted", "product.used")


def happening(number: int, drawn: tuple[int, int, int]) -> dict[str, Any]:
    """An event of some kind at some minute of the month; a third of the ids come again."""
    kind, minute, customer = KINDS[drawn[0]], drawn[1], drawn[2]
    about = {"order_id": f"o{drawn[1] % 5}", "ticket_id": f"t{drawn[1] % 3}", "subject": "Hm", "purpose": "care", "granted": False}
    fields = {
        "ticket.opened": ("ticket_id", "subject"),
        "consent.changed": ("purpose", "granted"),
        "customer.created": (),
        "customer.deleted": (),
        "product.used": (),
    }
    data = {name: about[name] for name in fields.get(kind, ("order_id",))} | ({"email": f"c{customer}@mail.example"} if kind == "customer.created" else {})
    at = f"{minute // 1440 + 1:02} {minute // 60 % 24:02}:{minute % 60:02}"
    return event(at, f"c{customer}", kind, f"e{number - number % 3 // 2}", **data)


@given(st.lists(st.tuples(st.integers(0, len(KINDS) - 1), st.integers(0, 31 * 1440 - 1), st.integers(0, 3)), min_size=1, max_size=40))
@settings(max_examples=25, deadline=None)
def test_the_counts_are_those_of_a_plain_loop_over_decide(tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[int, int, int]]) -> None:
    log = tmp_path_factory.mktemp("drawn") / "log.jsonl"
    log.write_text(lines_of(happening(number, one) for number, one in enumerate(drawn)))
    outcome, end = backtest(Task(parts_at(log), SHIPPED), 1, lambda *_: None)
    events = [read_line(line) for line in log.read_bytes().splitlines()]
    assert end == max(one.recorded for one in events)
    commands, decisions, sends = plain_loop(events, end)
    assert outcome.events == len(events)
    assert outcome.now.commands == Counter((command.kind, command.rule, command.what) for command in commands)
    assert outcome.now.begun == Counter(one.rule for one in decisions if one.verdict is Verdict.STARTED)
    assert outcome.now.reasons == Counter((one.reason, one.rule) for one in decisions if one.reason and one.verdict is not Verdict.HELD)
    assert outcome.now.received == Counter(sends.values())
    assert outcome.now.held.total() == len({one.command_id for one in decisions if one.verdict is Verdict.HELD})


def plain_loop(events: list[Event], end: int) -> tuple[list[Command], list[Decision], Counter[str]]:
    """All customers at once, in the order of time, each event decided as it comes."""
    customers = {one.customer_id: Customer(one.customer_id) for one in events}
    commands: list[Command] = []
    decisions: list[Decision] = []
    sends = Counter(dict.fromkeys(customers, 0))
    happenings: list[tuple[str, Event | Tick]] = [(one.customer_id, one) for one in sorted(events, key=lambda one: one.recorded)]
    for customer, what in [*happenings, *((customer, Tick(end)) for customer in customers)]:
        decided = decide(customers[customer], what, PLAYBOOK)
        customers[customer] = decided.customer
        commands += decided.commands
        decisions += decided.decisions
        sends[customer] += sum(command.kind == "send" for command in decided.commands)
    return commands, decisions, sends


def broken(*_: Any) -> None:
    raise ZeroDivisionError


def test_an_event_that_cannot_be_decided_is_put_aside_with_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "log.jsonl"
    story = [
        event("02 10:00", "c1", "customer.created", "e1", email="ann@mail.example"),
        event("02 11:00", "c1", "product.used", "e2"),
        event("03 10:00", "c1", "order.delivered", "e3", order_id="A1"),
        event("20 10:00", "c2", "customer.created", "e4"),
    ]
    log.write_text(lines_of(story))
    whole, _ = backtest(Task(parts_at(log), SHIPPED), 1, lambda *_: None)
    monkeypatch.setitem(cast("dict[str, Any]", NOTERS), "product.used", broken)
    without, _ = backtest(Task(parts_at(log), SHIPPED), 1, lambda *_: None)
    assert without.unread.count == 1
    assert [(place & 7, why) for place, why in without.unread.first] == [(2, "ZeroDivisionError while deciding")]
    assert without.now == whole.now


CUSTOMERS = 12_000
MEASURED = """
import re, sys
from pathlib import Path
from outreach.cli.__main__ import app
try:
    app(sys.argv[1:], prog_name="care")
finally:
    print(int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024, file=sys.stderr)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="how much memory a process had is asked as on Linux")
def test_a_log_of_many_customers_needs_little_memory(tmp_path: Path, playbook: Path) -> None:
    log = tmp_path / "log.jsonl"
    with log.open("w") as file:
        for number in range(CUSTOMERS):
            padding = f"{number:06}" * 1_300
            at = "2026-03-02T10:00:00Z"
            line = {"id": f"e{number}", "source": "shop", "type": "product.used", "subject": f"c{number}", "time": at, "recordedtime": at}
            file.write(json.dumps(line | {"data": {"product": padding}}) + "\n")
    assert log.stat().st_size > 90e6
    words = ("backtest", "--events", str(log), "--playbook", str(playbook), "--cores", "1", "--format", "json")
    done = subprocess.run([sys.executable, "-c", MEASURED, *words], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["log"]["customers"] == CUSTOMERS
    most = int(done.stderr.split()[-1])
    assert most < 140, f"{most} MB"  # the interpreter with everything imported has some 65 of them
