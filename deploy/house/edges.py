"""Who may look at the world: only composition roots and settings read the environment, only roots and the clock read the time."""

import ast
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from deploy.house.sources import Problem, Source

ENVIRONMENT = {"os.environ", "os.getenv"}
WALL_CLOCK = {"time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "date.today"}


def check(sources: Sequence[Source]) -> Iterator[Problem]:
    """Reads of the environment or the wall clock in contracts and services, outside the files that may."""
    for source in sources:
        if source.is_product and not source.path.startswith("deploy/"):
            yield from _looks(source)


def _looks(source: Source) -> Iterator[Problem]:
    name = PurePosixPath(source.path).name
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Attribute):
            continue
        looks = ast.unparse(node)
        if looks in ENVIRONMENT and name not in {"__main__.py", "settings.py"}:
            yield Problem(source.path, node.lineno, f"{looks}: only __main__.py and settings.py read the environment")
        if looks in WALL_CLOCK and name not in {"__main__.py", "clock.py"}:
            yield Problem(source.path, node.lineno, f"{looks}: only __main__.py holds the clock; take it as an argument")
