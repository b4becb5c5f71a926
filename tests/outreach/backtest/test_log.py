"""Where a log is read from, in which order, and what becomes of what cannot be read."""

import gzip
import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from care_contracts.clock import parse_rfc3339
from care_contracts.playbooks import activation
from care_contracts.records import Event
from care_contracts.wire import encode_event

from tests.outreach.backtest.conftest import STORY, event, lines_of

pa, pq = import_module("pyarrow"), import_module("pyarrow.parquet")  # which say nothing about their types


def without_log(found: Any) -> Any:
    return {name: value for name, value in found.items() if name != "log"}


def row(one: dict[str, Any], *, text: bool) -> dict[str, Any]:
    """An event as a row: times as text and data as JSON, or as Parquet's own."""
    recorded = {} if text else {"recorded": parse_rfc3339(one["time"])}
    data = json.dumps(one["data"]) if text else one["data"]
    return one | recorded | {"data": data, "history": False}


def test_a_folder_of_every_kind_of_file_is_one_log(report: Callable[..., Any], log: Path, tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    (folder / "older").mkdir(parents=True)
    (folder / "notes.txt").write_text("this is no log")
    (folder / "older" / "1.jsonl").write_text(lines_of(STORY[:2]))
    (folder / "2.jsonl.gz").write_bytes(gzip.compress(lines_of(STORY[2:4]).encode()))
    pq.write_table(pa.Table.from_pylist([row(one, text=True) for one in STORY[4:5]]), folder / "3.parquet")
    pq.write_table(pa.Table.from_pylist([row(one, text=False) for one in STORY[5:]]), folder / "4.parquet")
    assert report(folder) == report(log)


def test_lines_of_care_events_are_read_as_they_lie_there(report: Callable[..., Any], log: Path, tmp_path: Path) -> None:
    moments = [parse_rfc3339(one["time"]) for one in STORY]
    events = [Event(one["id"], "shop", one["type"], one["customer_id"], at, at, one["data"]) for one, at in zip(STORY, moments, strict=True)]
    stamped = tmp_path / "stamped.jsonl"
    active = activation("v1", "", moments[-1] + 1)  # nobody's event, and no trouble
    stamped.write_bytes(b"\n".join([*map(encode_event, events), b"", encode_event(active)]))
    assert report(stamped) == report(log)


def test_without_the_time_of_recording_a_customers_events_are_put_in_order(report: Callable[..., Any], log: Path, tmp_path: Path) -> None:
    backwards = tmp_path / "backwards.jsonl"
    backwards.write_text(lines_of(reversed(STORY)))
    assert report(backwards) == report(log)


def test_what_cannot_be_read_is_counted_and_shown_with_its_place(report: Callable[..., Any], log: Path, tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    wrong = [
        "not json",
        json.dumps({"id": "x", "type": "order.placed", "customer_id": "c9"}),
        json.dumps(event("02 10:00", "c9", "order.placed", "x", total="much")),
        json.dumps({"id": "x", "source": "shop", "type": "order.placed", "time": "2026-03-02T10:00:00Z", "recordedtime": "soon", "subject": "c9"}),
        "[1, 2]",
    ]
    (folder / "a.jsonl").write_text(log.read_text() + "\n\n" + "\n".join(wrong) + "\n")
    (folder / "b.jsonl.gz").write_bytes(gzip.compress(b"")[:5])
    (folder / "c.parquet").write_bytes(b"PAR1 it is not")
    found = report(folder)
    places = [line.split(": ")[0] for line in found["log"]["unreadable"]["first"]]
    assert places == ["a.jsonl:10", "a.jsonl:11", "a.jsonl:12", "a.jsonl:13", "a.jsonl:14", "b.jsonl.gz:1", "c.parquet:1"]
    assert found["log"]["unreadable"]["count"] == 7
    assert "/data/total" in found["log"]["unreadable"]["first"][2]
    assert without_log(found) == without_log(report(log))


def test_a_log_is_read_between_two_moments(report: Callable[..., Any], log: Path) -> None:
    found = report(log, "--from", "2026-03-02T12:00:00Z", "--to", "2026-03-05T09:00Z")["log"]
    assert (found["events"], found["first"], found["until"]) == (4, "2026-03-02T12:00:00.000Z", "2026-03-04T09:00:00.000Z")


@pytest.mark.parametrize("cores", [1, 2])
def test_a_log_of_which_nothing_can_be_read_is_refused(care: Callable[..., Any], playbook: Path, tmp_path: Path, cores: int) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text("nonsense\n" * 30)
    done = care("--events", log, "--playbook", playbook, "--cores", cores)
    assert (done.returncode, done.stdout) == (2, "")
    assert "log.jsonl:1: expected an event as JSON" in done.stderr


def test_wrong_usage_is_said_in_a_sentence(care: Callable[..., Any], playbook: Path, log: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    here = ("--playbook", playbook, "--cores", 1)
    for words, says in (
        (("--events", tmp_path / "nowhere"), "which is not there"),
        (("--events", empty), "expected files named *.jsonl"),
        (("--events", log, "--from", "3"), "files have no offsets"),
        (("--events", log, "--until", "soon"), "expected a date or time"),
        (("--events", log, "--against", "nowhere"), "expected"),
        (("--events", "kafka", "--kafka", "127.0.0.1:1"), "no broker answers at"),
    ):
        done = care(*words, *here)
        assert (done.returncode, done.stdout) == (2, ""), done.stderr
        assert says in " ".join(done.stderr.replace("│", " ").split())
        assert "Traceback" not in done.stderr


def test_a_playbook_with_errors_is_refused_with_every_error(care: Callable[..., Any], write: Callable[..., Path], log: Path, tmp_path: Path) -> None:
    broken = write(tmp_path / "broken", {"rules/worry.yaml": "id: worry\n", "letters/thanks.md": None})
    done = care("--events", log, "--playbook", broken)
    assert (done.returncode, done.stdout) == (1, "")
    assert "rules/worry.yaml:1:1 error C003" in done.stderr
    assert "rules/thanks.yaml" in done.stderr
