"""Each distribution declares what it imports, so that its image, which holds nothing else, can run it."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("contracts", "services/ingest", "services/outreach", "services/feedback")


def declared(folder: str) -> set[str]:
    """Names of a distribution's dependencies, as the metadata writes them: lower case, with hyphens."""
    wanted = tomllib.loads((ROOT / folder / "pyproject.toml").read_text())["project"]["dependencies"]
    names = {_plain(re.split(r"[\[<>=!~; ]", line)[0]) for line in wanted}
    return names | (declared("contracts") if "care-contracts" in names else set())


def imported(folder: str) -> set[str]:
    """The distributions of the third-party packages that a folder's modules import."""
    nodes = [node for path in (ROOT / folder).rglob("*.py") for node in ast.walk(ast.parse(path.read_text()))]
    plain = {alias.name.split(".")[0] for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    froms = {node.module.split(".")[0] for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level}
    ours = {"care_contracts", "ingest", "outreach", "feedback"}
    places = packages_distributions()
    return {_plain(places.get(name, [name])[0]) for name in (plain | froms) - set(sys.stdlib_module_names) - ours}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("folder", FOLDERS)
def test_everything_that_is_imported_is_declared(folder: str) -> None:
    assert imported(folder) - declared(folder) == set()
