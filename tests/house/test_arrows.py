"""Each import-linter contract of pyproject.toml is broken by one import that must not be, and says so."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.house.sources import project as sources

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("contracts/care_contracts", "services/ingest/ingest", "services/outreach/outreach", "services/feedback/feedback")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the four packages and of the configuration."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def lint(project: Path) -> subprocess.CompletedProcess[str]:
    found = os.pathsep.join(str((project / package).parent) for package in PACKAGES)
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--config", "pyproject.toml"]
    return subprocess.run(command, cwd=project, env=os.environ | {"PYTHONPATH": found}, capture_output=True, check=False, text=True)


def test_the_packages_as_they_are_keep_every_contract(project: Path) -> None:
    done = lint(project)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("module", "imports", "contract"),
    [
        ("services/ingest/ingest/neighbour.py", "import feedback", "services share only contracts"),
        ("contracts/care_contracts/neighbour.py", "import ingest", "contracts know no service"),
        ("services/outreach/outreach/core/neighbour.py", "import outreach.playbook", "inside outreach the arrows point to the core"),
        ("services/outreach/outreach/letters/neighbour.py", "import outreach.delivery", "inside outreach the arrows point to the core"),
        ("services/outreach/outreach/stream/neighbour.py", "import outreach.delivery", "inside outreach the arrows point to the core"),
        ("services/outreach/outreach/core/neighbour.py", "import asyncio", "the core is pure"),
        ("services/outreach/outreach/core/neighbour.py", "import care_contracts.wire", "the core is pure"),
    ],
)
def test_an_import_against_the_arrows_breaks_its_contract(project: Path, module: str, imports: str, contract: str) -> None:
    (project / module).write_text(f"{imports}\n")

    done = lint(project)

    assert done.returncode == 1
    assert f"{contract} BROKEN" in done.stdout


def test_the_core_imports_nothing_but_the_standard_library_and_the_contracts() -> None:
    core = [source for source in sources(ROOT) if source.path.startswith("services/outreach/outreach/core/")]
    imports = {name for source in core for node in ast.walk(source.tree) for name in _imported(node)}

    assert imports
    assert {name for name in imports if not name.startswith("outreach.core")} <= {*sys.stdlib_module_names, "care_contracts"}


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        names = [node.module or "."]
    elif isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    else:
        names = []
    return [name if name.startswith("outreach") else name.split(".")[0] for name in names]
