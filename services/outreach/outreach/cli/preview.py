"""`care preview`: a letter as one customer would get it, printed or on a page that follows every change."""

import asyncio
import webbrowser
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from care_contracts.clock import Clock

from outreach.cli.check import HERE, load, spelled
from outreach.letters.errors import did_you_mean
from outreach.playbook.load import Folder
from outreach.preview.mail import Shown, first_sent, kilobytes, letter_names, problems_of, show
from outreach.preview.page import Choice
from outreach.preview.samples import BadSample, Sample, from_file, samples
from outreach.preview.serving import Preview

Letter = Annotated[str, typer.Argument(help="the letter's name, such as checkin")]
Playbooks = Annotated[Path, typer.Option("--playbook", help="the playbook folder", envvar="CARE_PLAYBOOK")]
As = Annotated[Path | None, typer.Option("--as", help="for whom: a JSON file with an event, a list of events, or a customer's traits")]
PublicUrl = Annotated[str, typer.Option("--public-url", help="where customers reach our pages", envvar="CARE_PUBLIC_URL")]
OUR_PAGES = "http://127.0.0.1:8082"


class Part(StrEnum):
    """What is printed."""

    ALL = "all"
    TEXT = "text"
    HTML = "html"
    HEADERS = "headers"


def preview(  # noqa: PLR0913 - each is an option of the command
    letter: Letter,
    *,
    playbook: Playbooks = HERE,
    as_: As = None,
    language: Annotated[str, typer.Option(help="another language than the customer's")] = "",
    part: Annotated[Part, typer.Option(help="what to print")] = Part.ALL,
    public_url: PublicUrl = OUR_PAGES,
    open_: Annotated[bool, typer.Option("--open", help="serve a page on this machine that follows every change")] = False,
    port: Annotated[int, typer.Option(help="the page's port; 0 is a free one")] = 0,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="open the page in a browser")] = True,
) -> None:
    """Shows a letter as this customer would get it: subject, headers, text, HTML, size, links; exit 1 when it cannot be rendered."""
    folder = load(playbook)
    if open_:
        found = letter if letter in letter_names(folder) else unknown(letter, folder)
        serve(Preview(playbook, public_url, {letter: customer(letter, folder, as_)} if as_ else {}), Choice(found, language), port, browser=browser)
        return
    known(letter, playbook, folder)
    shown = show(letter, customer(letter, folder, as_), folder, public_url, language)
    if shown.error:
        typer.echo(f"{letter} cannot be written to this customer: {shown.error}", err=True)
        raise typer.Exit(1)
    _print(shown, part)


def known(letter: str, path: Path, folder: Folder) -> None:
    """Exit 2 when there is no such letter, 1 with every finding when it has mistakes."""
    if letter not in letter_names(folder):
        unknown(letter, folder)
    errors = [problem for problem in problems_of(letter, folder) if problem.severity == "error"]
    for problem in errors:
        typer.echo(spelled(path, problem), err=True)
    if errors:
        raise typer.Exit(1)


def unknown(letter: str, folder: Folder) -> NoReturn:
    """Exit 2 with the name that was probably meant."""
    typer.echo(f'there is no letter "{letter}"{did_you_mean(letter, letter_names(folder))}', err=True)
    raise typer.Exit(2)


def serve(page: Preview, choice: Choice, port: int, *, browser: bool) -> None:
    """Serves until Ctrl-C; exit 1 when the port is taken."""

    async def serving() -> None:
        async with page.running(port) as address:
            here = address + choice.link()
            typer.echo(f"{here}\nCtrl-C ends the preview.")
            if browser:
                await asyncio.to_thread(webbrowser.open, here)
            await asyncio.Event().wait()

    try:
        asyncio.run(serving())
    except KeyboardInterrupt:
        typer.echo("ended")
    except OSError as error:
        typer.echo(f"port {port}: {error.strerror}", err=True)
        raise typer.Exit(1) from error


def customer(letter: str, folder: Folder, path: Path | None) -> Sample:
    """Whom the letter is for; exit 2 when the file says nothing of the kind."""
    if path is None:
        return first_sent(letter, samples(letter, folder), folder)
    try:
        return from_file(path, letter, folder, Clock().now())
    except (BadSample, OSError) as error:
        typer.echo(f"{path}: {error.strerror if isinstance(error, OSError) else error}", err=True)
        raise typer.Exit(2) from error


def _print(shown: Shown, part: Part) -> None:
    parts = {Part.HEADERS: "\n".join(f"{name}: {value}" for name, value in shown.headers), Part.TEXT: shown.text.rstrip("\n"), Part.HTML: shown.html}
    if part is not Part.ALL:
        typer.echo(parts[part])
        _report(shown, err=True)
        return
    typer.echo(f"Subject:   {shown.subject}\nPreheader: {shown.preheader or '(none: mail programs show the first words)'}")
    for one, content in parts.items():
        typer.echo(f"\n--- {one.value} ---\n{content}")
    typer.echo("\n--- findings ---")
    _report(shown, err=False)


def _report(shown: Shown, *, err: bool) -> None:
    typer.echo(f"HTML {kilobytes(shown.size_html)}, whole mail {kilobytes(shown.size_mail)}, written in {shown.language}", err=err)
    for link in shown.links if not err else ():
        typer.echo(f"link {'BAD' if link.problem else 'signed' if link.signed else 'ok':6} {link.address}", err=err)
    for note in shown.notes:
        typer.echo(f"note: {note}", err=err)
