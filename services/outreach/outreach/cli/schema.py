"""`care schema`: writes the JSON Schemas by which editors complete, explain and check a playbook's files."""

import json
from pathlib import Path
from typing import Annotated

import typer

from outreach.cli.check import HERE, Playbooks
from outreach.playbook.editors import schemas
from outreach.playbook.load import load_folder


def write_schemas(
    folder: Playbooks = HERE, *, check: Annotated[bool, typer.Option("--check", help="write nothing; exit 1 when a file is not up to date")] = False
) -> None:
    """Writes the schemas into the playbook's schemas/ folder; its own events and traits (policy.yaml) are offered too."""
    try:
        wanted = schemas(load_folder(folder).playbook.policy)
    except FileNotFoundError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    texts = {folder / "schemas" / name: json.dumps(schema, indent=1, ensure_ascii=False) + "\n" for name, schema in wanted.items()}
    stale = [path for path, text in texts.items() if _read(path) != text]
    for path in stale:
        if check:
            typer.echo(f"{path} is not up to date: care schema {folder}")
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(texts[path], "utf-8")
    typer.echo(f"{len(texts)} schemas, {len(stale)} {'not up to date' if check else 'written'}")
    raise typer.Exit(1 if check and stale else 0)


def _read(path: Path) -> str:
    return path.read_text("utf-8") if path.is_file() else ""
