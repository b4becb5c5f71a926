"""`care resume`: letters that were stopped, because too many bounced or were complained about, go on."""

import typer
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from outreach.cli.in_doubt import Database
from outreach.database import open_engine
from outreach.delivery import brake
from outreach.delivery.run import REAL


def resume(database: Database) -> None:
    """Lets the letters go on; what was until now no longer counts. First find out who bounced or complained, and why."""
    try:
        engine = open_engine(database)
        with engine.begin() as connection:
            why = brake.resume(connection, REAL.now())
    except (ArgumentError, NoSuchModuleError, DBAPIError) as error:
        typer.echo(f"the courier's database cannot be used ({type(error).__name__}): has `python -m outreach deliver` run on it?", err=True)
        raise typer.Exit(1) from error
    engine.dispose()
    typer.echo(f"letters go on; they were stopped because {why}" if why else "letters were not stopped; what was until now no longer counts")
