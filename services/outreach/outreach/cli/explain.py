"""`care explain`: what was decided about a customer, why, and what would have to be different."""

import json
import sys
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from care_contracts.clock import clock_from, parse_rfc3339
from sqlalchemy import Engine
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from outreach.cli.explain_json import as_json
from outreach.cli.explain_text import show
from outreach.core.calendar import moment_of
from outreach.core.rules import Playbook
from outreach.database import open_engine
from outreach.journal.different import looking_at
from outreach.journal.reading import Past, past_of, similar
from outreach.journal.timeline import timeline
from outreach.journal.why_not import why_not
from outreach.playbook.files import read_files
from outreach.playbook.load import load_folder
from outreach.playbook.problems import nearest


class Format(StrEnum):
    """How an explanation is printed."""

    TEXT = "text"
    JSON = "json"


Database = Annotated[str, typer.Option("--database", envvar="CARE_DATABASE_URL", help="the journal's database", show_envvar=True)]
Playbooks = Annotated[Path, typer.Option("--playbook", envvar="CARE_PLAYBOOK", help="the playbook as it is now")]
Printed = Annotated[Format, typer.Option("--format", help="text for people, json for programs")]


def explain(
    customer: Annotated[str, typer.Argument(help="the customer's id")],
    *,
    database: Database,
    rule: Annotated[str, typer.Option("--rule", help="only what is about this rule")] = "",
    since: Annotated[str, typer.Option("--since", help="only from this day on, such as 2026-03-02, or from this RFC 3339 time")] = "",
    why: Annotated[str, typer.Option("--why-not", metavar="RULE", help="why the customer did not get what this rule sends")] = "",
    folder: Playbooks = Path("playbook"),
    how: Printed = Format.TEXT,
    clock: Annotated[str, typer.Option(envvar="CARE_CLOCK", hidden=True)] = "",
) -> None:
    """Shows a customer's timeline: every event, every decision and its reason, what became of it, and what would have to be different."""
    playbook, engine = _playbook(folder), _engine(database)
    past = _past(engine, customer)
    for asked in filter(None, (rule, why)):
        _check_rule(asked, playbook, past)
    looking = looking_at(past, playbook, clock_from(clock).now(), why, read_files(folder))
    answer = why_not(looking, why) if why else None
    entries = [] if why else timeline(looking, rule=rule, since=_since(since, looking.zone))
    if how is Format.JSON:
        typer.echo(json.dumps(as_json(looking, entries, answer), ensure_ascii=False, indent=1))
    else:
        show(looking, entries, answer, sys.stdout)


def _fail(message: str, code: int = 2) -> typer.Exit:
    typer.echo(message, err=True)
    return typer.Exit(code)


def _playbook(folder: Path) -> Playbook:
    try:
        read = load_folder(folder)
    except FileNotFoundError as error:
        raise _fail(str(error)) from error
    if read.errors:
        raise _fail(f"the playbook has {len(read.errors)} errors: `care lint {folder}` shows them")
    return read.playbook


def _engine(database: str) -> Engine:
    try:
        return open_engine(database)
    except (ArgumentError, NoSuchModuleError) as error:
        raise _fail("CARE_DATABASE_URL: expected a SQLAlchemy URL such as sqlite:////path/care.db, got something else") from error


def _past(engine: Engine, customer: str) -> Past:
    """Only the kind of a database's error is told: its words may hold a password."""
    try:
        past = past_of(engine, customer)
        suggestion = "" if past.is_known else similar(engine, customer)
    except DBAPIError as error:
        raise _fail(f"the journal cannot be read ({type(error.orig).__name__}): has `python -m outreach journal` run on this database?", 1) from error
    finally:
        engine.dispose()
    if not past.is_known:
        raise _fail(f'nothing is known of a customer "{customer}"{f": did you mean {suggestion}?" if suggestion else ""}')
    return past


def _check_rule(rule: str, playbook: Playbook, past: Past) -> None:
    known = {*playbook.by_id, *(decision.rule for decision in past.decisions)}
    if rule not in known:
        suggestion = nearest(rule, sorted(known))
        raise _fail(f'there is no rule "{rule}"{f": did you mean {suggestion}?" if suggestion else ""}')


def _since(text: str, zone: str) -> int:
    if not text:
        return 0
    try:
        return moment_of(datetime.fromisoformat(text), zone) if "T" not in text else parse_rfc3339(text)
    except ValueError as error:
        raise _fail(f'--since: expected a day such as 2026-03-02 or a time such as 2026-03-02T10:00:00Z, got "{text[:40]}"') from error
