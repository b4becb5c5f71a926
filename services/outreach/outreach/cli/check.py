"""`care lint` and `care test`: whether a playbook is right, and does what its examples say."""

import json
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from outreach.playbook.examples import Result, run_example
from outreach.playbook.load import Folder, load_folder
from outreach.playbook.problems import Problem

Playbooks = Annotated[Path, typer.Argument(help="the playbook folder", envvar="CARE_PLAYBOOK")]
HERE = Path("playbook")


class Format(StrEnum):
    """How findings are printed."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


Printed = Annotated[Format, typer.Option("--format", help="text for people, json for programs, github for annotations in a pull request")]


def lint(folder: Playbooks = HERE, how: Printed = Format.TEXT) -> None:
    """Shows every problem of a playbook at once, with its place; exit 1 when there are errors."""
    read = load(folder)
    if how is Format.JSON:
        typer.echo(json.dumps([asdict(problem) for problem in read.problems], ensure_ascii=False, indent=1))
    else:
        for problem in read.problems:
            typer.echo(_github(folder, problem) if how is Format.GITHUB else spelled(folder, problem))
    if how is Format.TEXT:
        typer.echo(f"{len(read.rules)} rules, {len(read.errors)} errors, {len(read.problems) - len(read.errors)} warnings")
    raise typer.Exit(1 if read.errors else 0)


def load(folder: Path) -> Folder:
    """The playbook with its findings; exit 2 when there is no such folder."""
    try:
        return load_folder(folder)
    except FileNotFoundError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error


def spelled(folder: Path, problem: Problem) -> str:
    """A finding with its place, its line and a caret."""
    more = f": did you mean {problem.suggestion}?" if problem.suggestion else f" (expected {problem.expected})" if problem.expected else ""
    head = f"{problem.file}:{problem.line}:{problem.column} {problem.severity} {problem.code} {problem.message}{more}"
    line = _line(folder / problem.file, problem.line)
    return f"{head}\n    {line}\n    {' ' * (problem.column - 1)}^" if line.strip() else head


def _line(path: Path, number: int) -> str:
    lines = path.read_text("utf-8", errors="replace").splitlines() if path.is_file() else []
    return lines[number - 1] if number <= len(lines) else ""


def _github(folder: Path, problem: Problem) -> str:
    suggestion = f": did you mean {problem.suggestion}?" if problem.suggestion else ""
    return f"::{problem.severity} file={folder / problem.file},line={problem.line},col={problem.column},title={problem.code}::{problem.message}{suggestion}"


def run_examples(folder: Playbooks = HERE, how: Printed = Format.TEXT) -> None:
    """Runs the examples of every rule through the engine; exit 1 when one fails, or when the playbook has errors."""
    read = load(folder)
    if read.errors:
        for problem in read.errors:
            typer.echo(spelled(folder, problem))
        raise typer.Exit(1)
    results = [run_example(file.rule, example, read.playbook) for file in read.rules for example in file.examples]
    failed = [result for result in results if not result.passed]
    figures = {"rules": len(read.rules), "examples": len(results), "passed": len(results) - len(failed), "failed": len(failed)}
    for result in failed if how is not Format.JSON else ():
        typer.echo(_timeline(result))
    typer.echo(json.dumps(figures) if how is Format.JSON else f"{figures['rules']} rules, {figures['examples']} examples, {figures['failed']} failed")
    raise typer.Exit(1 if failed else 0)


def _timeline(result: Result) -> str:
    head = f"FAILED {result.rule}: {result.example.name} (rules/{result.rule}.yaml:{result.example.place[0]})"
    happened = [f"    happened  {line}" for line in result.timeline] or ["    happened  nothing at all"]
    missing = [f"  - expected  {line}" for line in result.missing]
    surplus = [f"  + surplus   {line}" for line in result.surplus]
    return "\n".join([head, *happened, *missing, *surplus])
