"""What is checked: every file that git tracks or would track, read once."""

import ast
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Problem:
    """One broken rule and where; sorts by place. Line 0 is the file, or the whole project, as such."""

    where: str
    line: int
    says: str

    def __str__(self) -> str:
        return f"{self.where}:{self.line}: {self.says}"


@dataclass(frozen=True)
class Source:
    """A text file of the project; `path` is relative to the project and uses forward slashes."""

    path: str
    text: str

    @property
    def lines(self) -> int:
        """Its number of lines."""
        return len(self.text.splitlines())

    @property
    def is_product(self) -> bool:
        """Python that runs outside tests."""
        return self.path.endswith(".py") and not self.path.startswith("tests/")

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax tree; raises SyntaxError where Python does."""
        return ast.parse(self.text, self.path)

    def functions(self) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Every function and method in it, nested ones too."""
        return [node for node in ast.walk(self.tree) if isinstance(node, FUNCTIONS)]


def project(root: Path) -> list[Source]:
    """The project's text files; those that git ignores, and binary ones, are not part of it."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=root, check=True, capture_output=True)
    found = [_read(root, name) for name in sorted(set(listed.stdout.decode().split("\0"))) if (root / name).is_file()]
    return [source for source in found if source]


def _read(root: Path, name: str) -> Source | None:
    try:
        return Source(name, (root / name).read_text("utf-8"))
    except UnicodeDecodeError:
        return None
