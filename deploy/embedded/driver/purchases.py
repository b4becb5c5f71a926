"""The real purchases of the CDNOW sample, and a deterministic choice of customers among them."""

import csv
import random
from dataclasses import dataclass
from datetime import date
from pathlib import Path

SAMPLE = Path(__file__).parents[1] / "data" / "cdnow_sample.csv"


@dataclass(frozen=True)
class Purchase:
    """So many CDs for so many dollars, by a customer on a day."""

    customer: str
    day: date
    cds: int
    dollars: float


def purchases(sample: Path = SAMPLE) -> dict[str, list[Purchase]]:
    """Every customer's purchases in the order of their days."""
    found: dict[str, list[Purchase]] = {}
    with sample.open(newline="") as lines:
        for row in csv.DictReader(lines):
            bought = Purchase(row["customer_id"], date.fromisoformat(row["date"]), int(row["cds"]), float(row["dollars"]))
            found.setdefault(bought.customer, []).append(bought)
    return found


def choose(all_purchases: dict[str, list[Purchase]], count: int, seed: int) -> dict[str, list[Purchase]]:
    """`count` customers, always the same ones for a seed."""
    chosen = random.Random(seed).sample(sorted(all_purchases), min(count, len(all_purchases)))  # noqa: S311 - a repeatable choice, no secret
    return {customer: all_purchases[customer] for customer in sorted(chosen)}
