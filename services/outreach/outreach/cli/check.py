"""`care lint` and `care test`: whether a playbook is right, and does what its examples say."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.cells import cell_len

from outreach.cli.annotations import annotation
from outreach.cli.example_text import example_text, timeline
from outreach.playbook.examples import Result, run_example
from outreach.playbook.load import Folder, load_folder
from outreach.playbook.problems import Problem, nearest
from outreach.playbook.rule_file import RuleFile

Playbooks = Annotated[Path, typer.Argument(help="the playbook folder", envvar="CARE_PLAYBOOK")]
Only = Annotated[str, typer.Option("--rule", help="the id of the one rule whose examples are run; all by default")]
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
        _tell(folder, read.problems, how)
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


def _tell(folder: Path, problems: Iterable[Problem], how: Format) -> None:
    """Each finding by itself."""
    for problem in problems:
        lines = {Format.TEXT: spelled, Format.GITHUB: _github, Format.JSON: _json}
        typer.echo(lines[how](folder, problem))


def _json(_: Path, problem: Problem) -> str:
    return json.dumps(asdict(problem), ensure_ascii=False)


def spelled(folder: Path, problem: Problem) -> str:
    """A finding with its place, its line and a caret."""
    more = f": did you mean {problem.suggestion}?" if problem.suggestion else f" (expected {problem.expected})" if problem.expected else ""
    head = f"{problem.file}:{problem.line}:{problem.column} {problem.severity} {problem.code} {problem.message}{more}"
    line = _line(folder / problem.file, problem.line)
    return f"{head}\n    {line}\n    {_blank(line[: problem.column - 1])}^" if line.strip() else head


def _blank(text: str) -> str:
    """As wide as the text on a terminal: tabs stay tabs, wide characters take two columns."""
    return "".join("\t" if character == "\t" else " " * cell_len(character) for character in text)


def _line(path: Path, number: int) -> str:
    lines = path.read_text("utf-8", errors="replace").splitlines() if path.is_file() else []
    return lines[number - 1] if number <= len(lines) else ""


def _github(folder: Path, problem: Problem) -> str:
    suggestion = f": did you mean {problem.suggestion}?" if problem.suggestion else ""
    place: dict[str, str | int | Path] = {"file": folder / problem.file, "line": problem.line, "col": problem.column, "title": problem.code}
    return annotation(problem.severity, f"{problem.message}{suggestion}", **place)


def run_examples(folder: Playbooks = HERE, rule: Only = "", how: Printed = Format.TEXT) -> None:
    """Runs the examples of every rule through the engine; exit 1 when one fails, or when the playbook has errors."""
    read = load(folder)
    if read.errors:
        _tell(folder, read.errors, how)
    files = () if read.errors else _chosen(read, rule)
    results = [(file, run_example(file.rule, example, read.playbook)) for file in files for example in file.examples]
    failed = [(file, result) for file, result in results if not result.passed]
    for file, result in failed:
        typer.echo(_failure(folder / file.file, file.file, result, how))
    figures = {"rules": len(files), "examples": len(results), "passed": len(results) - len(failed), "failed": len(failed)}
    if how is Format.JSON:
        typer.echo(json.dumps(figures))
    elif not read.errors:
        typer.echo(f"{figures['rules']} rules, {figures['examples']} examples, {figures['failed']} failed")
    raise typer.Exit(1 if failed or read.errors else 0)


def _chosen(read: Folder, rule: str) -> tuple[RuleFile, ...]:
    """The rule of that id, or all; exit 2 when there is none."""
    chosen = tuple(file for file in read.rules if rule in ("", file.rule.id))
    if rule and not chosen:
        near = nearest(rule, [file.rule.id for file in read.rules])
        typer.echo(f'there is no rule "{rule}"' + (f": did you mean {near}?" if near else ""), err=True)
        raise typer.Exit(2)
    return chosen


def _failure(path: Path, file: str, result: Result, how: Format) -> str:
    line = result.example.place[0]
    if how is Format.TEXT:
        return example_text(result, f"{file}:{line}")
    if how is Format.GITHUB:
        return annotation("error", example_text(result, f"{file}:{line}"), file=path, line=line, title=f"example: {result.example.name}")
    told = [{"mark": each.mark, "at": each.at and each.at.isoformat(sep=" "), "words": each.words} for each in timeline(result)]
    return json.dumps({"file": file, "line": line, "rule": result.rule, "example": result.example.name, "timeline": told}, ensure_ascii=False)
