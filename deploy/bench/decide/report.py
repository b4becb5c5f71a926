"""The table and the line of JSON: the middle of the rounds, their spread, and the ratios that count."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from deploy.bench.decide.rows import ROWS, Figures, Row

# What ours must reach, as ratios of two rows of one run, because machines differ.
TARGETS = (("ours_full", "faust_state_send", 2.0), ("ours_lane", "quix_state_out", 1.5))
LATENCY = {"p50_ms": 15.0, "p99_ms": 100.0}
IN_JSON = ("ours_full", "ours_lane", "faust_noop", "faust_state_send", "quix_state_out")

Rounds = Mapping[str, Sequence[Figures]]


@dataclass(frozen=True)
class Line:
    """A row's figures over all rounds; `low` and `high` are the slowest and the fastest one."""

    row: Row
    per_s: float
    low: float
    high: float
    cpu_us: float
    rss_mb: int

    def __str__(self) -> str:
        spread = f"{self.low:,.0f} - {self.high:,.0f}"
        return f"{self.row.says:44}{self.per_s:>10,.0f}  {spread:>21}{self.cpu_us:>9.1f}{self.rss_mb:>8}"


HEAD = f"{'':44}{'events/s':>10}  {'slowest - fastest':>21}{'CPU µs':>9}{'MB':>8}"


def line(row: Row, rounds: Sequence[Figures]) -> Line:
    """The middle of the rounds, and their spread."""
    rates = [figures["events"] / figures["seconds"] for figures in rounds]
    return Line(row, median(rates), min(rates), max(rates), median(figures["cpu_us"] for figures in rounds), max(figures["rss_mb"] for figures in rounds))


def lines(rounds: Rounds) -> dict[str, Line]:
    """By name, for the rows that were measured."""
    return {row.name: line(row, rounds[row.name]) for row in ROWS if rounds.get(row.name)}


def ratios(measured: Mapping[str, Line]) -> list[str]:
    """A sentence for each target of which both sides were measured; what else the machine did weighs less on the CPU time."""
    pairs = [(measured[ours], measured[theirs], least) for ours, theirs, least in TARGETS if ours in measured and theirs in measured]
    return [
        f"{ours.row.says} : {theirs.row.says} = {ours.per_s / theirs.per_s:.2f} "
        f"({_met(ours.per_s >= least * theirs.per_s)}, at least {least}; by CPU time {theirs.cpu_us / ours.cpu_us:.2f})"
        for ours, theirs, least in pairs
    ]


def latencies(figures: Figures) -> list[str]:
    """A sentence for each bound."""
    return [f"{name} {figures[name]} ({_met(figures[name] <= most)}, at most {most:g})" for name, most in LATENCY.items() if name in figures]


def summary(measured: Mapping[str, Line], latency: Figures) -> str:
    """One line of JSON; null for what was not measured."""
    speeds = {f"{name}_per_s": round(measured[name].per_s) if name in measured else None for name in IN_JSON}
    memory = measured["ours_full"].rss_mb if "ours_full" in measured else None
    return json.dumps(speeds | {name: latency.get(name) for name in LATENCY} | {"rss_mb": memory})


def _met(good: bool) -> str:
    return "met" if good else "MISSED"
