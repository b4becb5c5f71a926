"""`care topics`: the topics that Careloop needs on the broker."""

import asyncio
from typing import Annotated

import typer
from care_contracts.topics import DEFAULT_PARTITIONS

from outreach.cli.topics import TopicTrouble, create_topics

app = typer.Typer(help="The topics on the broker.", no_args_is_help=True)


@app.callback()
def topics() -> None:
    """The topics that Careloop needs."""


@app.command("create")
def create(
    kafka: Annotated[str, typer.Option(envvar="CARE_KAFKA", help="bootstrap servers")] = "127.0.0.1:9092",
    partitions: Annotated[int, typer.Option(envvar="CARE_PARTITIONS", help="common partition count")] = DEFAULT_PARTITIONS,
    replication: Annotated[int, typer.Option(envvar="CARE_REPLICATION", help="replication factor")] = 1,
) -> None:
    """Creates the topics that are missing; those that exist are left as they are."""
    try:
        created = asyncio.run(create_topics(kafka, partitions, replication))
    except (TopicTrouble, OSError) as error:
        typer.echo(f"topics: {error}", err=True)
        raise typer.Exit(1) from error
    typer.echo(f"created: {', '.join(created) or 'nothing, every topic was there'}")
