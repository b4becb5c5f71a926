"""What the report says of a log that can be worked out by hand, in every format."""

from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from care_contracts.clock import parse_rfc3339
from care_contracts.records import Event
from care_contracts.wire import encode_event


def test_every_figure_of_the_story_is_as_worked_out_by_hand(report: Callable[..., Any], log: Path) -> None:
    found = report(log)
    assert found["log"] == {
        "events": 7,
        "customers": 3,
        "first": "2026-03-02T10:00:00.000Z",
        "last": "2026-03-06T09:00:00.000Z",
        "until": "2026-03-06T09:00:00.000Z",
        "late": 0,
        "unreadable": {"count": 0, "first": []},
    }
    figures = found["playbook"]
    assert (figures["messages"], figures["customers_written"]) == (2, 2)
    rules = {row.pop("rule"): row for row in figures["rules"]}
    nothing = {"messages": 0, "alerts": 0, "rewards": 0, "webhooks": 0, "held": 0, "not_sent": 0}
    assert rules == {
        "welcome": nothing | {"purpose": "care", "begun": 2, "messages": 2, "held": 1},  # the second waits for the morning
        "thanks": nothing | {"purpose": "care", "begun": 2, "held": 1, "not_sent": 3},
        "worry": nothing | {"purpose": "staff", "begun": 1, "alerts": 1},
    }
    assert {row["reason"]: (row["count"], row["rules"]) for row in figures["not_sent"]} == {
        "expired": (1, {"thanks": 1}),  # the cap of 72 hours frees after the day in which thanks are worth saying
        "already_sent": (1, {"thanks": 1}),
        "no_address": (1, {"thanks": 1}),
    }
    none = {"sent": 0, "expired": 0, "cancelled": 0, "otherwise": 0, "waiting": 0}
    assert figures["held"]["ends"] == none | {"sent": 1, "expired": 1}
    assert {row["reason"]: row["ends"] for row in figures["held"]["reasons"]} == {"quiet_hours": none | {"sent": 1}, "cap": none | {"expired": 1}}
    assert figures["caps"] == [{"rule": "thanks", "held": 1, "skipped": 0}]
    assert figures["limits"] == [{"cap": "all: at most 1 in 3 days", "held": 1, "skipped": 0}]
    assert figures["months"] == [{"month": "2026-03", "messages": 2, "rules": {"welcome": 2}}]
    assert figures["per_customer"]["histogram"] == [{"messages": 0, "customers": 1}, {"messages": 1, "customers": 2}]
    assert figures["per_customer"]["quantiles"] == {"50": 1, "90": 1, "99": 1, "100": 1}
    assert figures["busiest_hour"] == {"from": "2026-03-02T10", "messages": 1}
    assert figures["busiest_day"] == {"from": "2026-03-02", "messages": 1}
    assert {hour: count for hour, count in enumerate(figures["hours"]) if count} == {8: 1, 10: 1}
    assert (figures["alerts"], figures["rewards"], figures["webhooks"]) == ({"care": 1}, {}, {})
    assert figures["costs"] == [{"channel": "email", "messages": 2, "price": 0.5, "cost": 1.0}]
    assert found["against"] is None


def test_time_passes_as_far_as_one_says(report: Callable[..., Any], log: Path) -> None:
    found = report(log, "--until", "2026-03-02T23:00:00Z")
    assert (found["log"]["events"], found["log"]["late"]) == (4, 3)
    assert found["playbook"]["messages"] == 1
    assert found["playbook"]["held"]["ends"]["waiting"] == 2
    assert report(log, "--until", "2027-01-01")["log"]["until"] == "2027-01-01T00:00:00.000Z"


def test_an_occasion_that_begins_no_second_time_does_not_end_the_first_ones_hold(report: Callable[..., Any], log: Path) -> None:
    waiting = report(log, "--until", "2026-03-02T14:00")["playbook"]["held"]
    assert (waiting["messages"], waiting["ends"]["waiting"]) == (1, 1)


def test_text_fits_a_hundred_columns_whatever_names_are_like(care: Callable[..., Any], write: Callable[..., Path], playbook: Path, tmp_path: Path) -> None:
    at, odd = parse_rfc3339("2026-03-02T10:00:00Z"), "c" * 150 + "\x1b[31m"
    log = tmp_path / "odd.jsonl"
    log.write_bytes(encode_event(Event("e1", "shop", "customer.created", odd, at, at, {"email": "a@mail.example"})))
    without = write(tmp_path / "without", {"rules/welcome.yaml": None})
    done = care("--events", log, "--playbook", playbook, "--against", without, "--cores", 1)
    assert done.returncode == 0, done.stderr
    assert "there is no such rule" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100
    assert "\x1b" not in done.stdout


def test_markdown_is_fit_for_a_pull_request(care: Callable[..., Any], playbook: Path, log: Path) -> None:
    found = care("--events", log, "--playbook", playbook, "--format", "markdown", "--against", playbook, "--cores", 1).stdout
    assert found.startswith("### Backtest of the playbook `")
    assert "no message changes" in found
    assert found.index("<details>") < found.index("| already\\_sent | 1 |") < found.index("</details>")
    assert len(found) < 65_536


class Page(HTMLParser):
    """What a page refers to, and whether its pictures say what they are."""

    def __init__(self) -> None:
        super().__init__()
        self.elsewhere: list[str] = []
        self.tags: list[str] = []
        self.unnamed = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.elsewhere += [value or "" for name, value in attrs if name in {"src", "href", "srcset", "data"}]
        self.unnamed += tag == "svg" and "aria-labelledby" not in dict(attrs)


def test_the_page_has_named_pictures_with_their_figures_and_needs_nothing_from_elsewhere(
    care: Callable[..., Any], playbook: Path, log: Path, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    assert care("--events", log, "--playbook", playbook, "--format", "html", "--output", page, "--cores", 1).stdout == ""
    text = page.read_text()
    read = Page()
    read.feed(text)
    assert read.tags.count("svg") == 5
    assert read.tags.count("table") >= read.tags.count("svg")
    assert (read.elsewhere, read.unnamed) == ([], 0)
    assert not {"script", "link", "iframe", "img"} & set(read.tags)
    assert "url(" not in text
    assert "prefers-color-scheme: dark" in text


@pytest.mark.parametrize("output", ["text", "markdown", "html", "json"])
def test_nothing_personal_is_in_any_report(care: Callable[..., Any], playbook: Path, log: Path, output: str) -> None:
    assert "mail.example" not in care("--events", log, "--playbook", playbook, "--format", output, "--cores", 1).stdout
