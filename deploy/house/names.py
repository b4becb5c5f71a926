"""What things may be called, and that every module says what lives in it."""

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from deploy.house.sources import FUNCTIONS, Problem, Source

BANNED = ("manager", "helper", "helpers", "util", "utils", "base", "common", "misc", "handler impl", "process data")


def check(sources: Sequence[Source]) -> Iterator[Problem]:
    """Names that say nothing of the domain (everywhere in Python), and product modules without a docstring."""
    for source in sources:
        if source.path.endswith(".py"):
            yield from _names(source)
        if source.is_product and not ast.get_docstring(source.tree):
            yield Problem(source.path, 1, "expected the module to open with a sentence that says what lives here, got none")


def _names(source: Source) -> Iterator[Problem]:
    for part in PurePosixPath(source.path).with_suffix("").parts:
        yield from _name(source, 0, part)
    for node in ast.walk(source.tree):
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            yield from _name(source, node.lineno, node.name)


def _name(source: Source, line: int, name: str) -> Iterator[Problem]:
    words = " ".join(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).replace("_", " ").lower().split())
    for banned in BANNED:
        if f" {banned} " in f" {words} ":
            yield Problem(source.path, line, f'expected a word of the domain, got "{name}"')
