"""`care in-doubt`: messages that were perhaps delivered wait for a person, who decides here. No address is ever printed."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated

import typer
from care_contracts.clock import clock_from, rfc3339
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from outreach.database import open_engine
from outreach.delivery.doubts import Decision, Doubt, Doubts
from outreach.delivery.run import REAL

app = typer.Typer(help="Messages that were perhaps delivered: look, and decide.", no_args_is_help=True)

Database = Annotated[str, typer.Option("--database", envvar="CARE_DATABASE_URL", help="the courier's database", show_envvar=True)]
Command = Annotated[str, typer.Argument(help="the command's id, as `care in-doubt list` shows it")]
TheClock = Annotated[str, typer.Option("--clock", envvar="CARE_CLOCK", hidden=True)]


class Arrived(StrEnum):
    """What became of it, as a person found out."""

    DELIVERED = "delivered"
    LOST = "lost"


@app.command("list")
def list_(database: Database) -> None:
    """Shows what is in doubt, the oldest first."""
    with _doubts(database) as doubts:
        found = doubts.all()
    for doubt in found:
        command = doubt.command
        typer.echo(f"{command.command_id}  {rfc3339(doubt.at)}  {command.kind} {command.what}  rule {command.rule}  customer {command.customer_id}")
    typer.echo("nothing is in doubt" if not found else f"{len(found)} in doubt: the mail server's log knows them by Message-ID <ID@…>")


@app.command("show")
def show(its_id: Command, database: Database) -> None:
    """Shows one message that is in doubt."""
    with _doubts(database) as doubts:
        doubt = _known(doubts, its_id)
    command = doubt.command
    rows = {
        "command": command.command_id,
        "customer": command.customer_id,
        "rule": f"{command.rule}, step {command.step}, occurrence {command.occurrence}",
        command.kind: f"{command.what} by {command.channel}, in {command.language}",
        "purpose": command.purpose,
        "in doubt since": rfc3339(doubt.at),
        "attempts": str(doubt.attempts),
        "because": doubt.reason,
        "of use until": rfc3339(command.not_after),
    }
    typer.echo("\n".join(f"{name + ':':16}{value}" for name, value in rows.items()))


@app.command("resend")
def resend(its_id: Command, database: Database, clock: TheClock = "") -> None:
    """Lets the courier send it once more, with the same Message-ID; whoever has it already may get it twice."""
    with _doubts(database) as doubts:
        until = _known(doubts, its_id).command.not_after
        if clock_from(clock).now() > until:
            raise _fail(f"too late: it was of use until {rfc3339(until)}; `care in-doubt settle` can end the doubt")
        _decide(doubts, its_id, Decision.RESEND)
    typer.echo("the courier sends it again, with the same Message-ID")


@app.command("settle")
def settle(its_id: Command, arrived: Annotated[Arrived, typer.Argument(help="what became of it")], database: Database) -> None:
    """Ends the doubt without sending anything: it was delivered, or it was lost."""
    with _doubts(database) as doubts:
        _known(doubts, its_id)
        _decide(doubts, its_id, Decision(arrived.value))
    typer.echo(f"settled as {arrived.value}; the courier tells the stream")


def _known(doubts: Doubts, its_id: str) -> Doubt:
    doubt = doubts.one(its_id)
    if doubt is None:
        raise _fail("no such command is in doubt: `care in-doubt list` shows those that are")
    return doubt


def _decide(doubts: Doubts, its_id: str, decision: Decision) -> None:
    if not doubts.decide(its_id, decision, REAL.now()):
        raise _fail("it is in doubt no more: somebody else was quicker")


@contextmanager
def _doubts(database: str) -> Iterator[Doubts]:
    """Only the kind of a database's error is told: its words may hold a password."""
    try:
        engine = open_engine(database)
    except (ArgumentError, NoSuchModuleError) as error:
        raise _fail("CARE_DATABASE_URL: expected a SQLAlchemy URL such as sqlite:////path/care.db, got something else", 2) from error
    try:
        yield Doubts(engine)
    except DBAPIError as error:
        raise _fail(f"the ledger cannot be read ({type(error.orig).__name__}): has `python -m outreach deliver` run on this database?") from error
    finally:
        engine.dispose()


def _fail(message: str, code: int = 1) -> typer.Exit:
    typer.echo(message, err=True)
    return typer.Exit(code)
