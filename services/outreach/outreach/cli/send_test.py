"""`care send-test`: one marked test copy of a letter, through the real mail path."""

import asyncio
from typing import Annotated

import typer

from outreach.cli.check import HERE, load
from outreach.cli.preview import As, Letter, Playbooks, customer, known
from outreach.delivery.outcome import Outcome, State
from outreach.delivery.smtp_url import MailServer, mail_server
from outreach.preview.occasions import NotShown, occasion
from outreach.preview.trial import send_copy
from outreach.settings import MailSettings


def send_test(
    letter: Letter,
    *,
    to: Annotated[str, typer.Option(help="where the copy goes")],
    playbook: Playbooks = HERE,
    as_: As = None,
    language: Annotated[str, typer.Option(help="another language than the customer's")] = "",
) -> None:
    """Sends one marked copy of a letter to an address of yours (CARE_SMTP_URL says through which server); exit 1 when it was not sent."""
    folder = load(playbook)
    known(letter, playbook, folder)
    sample, (settings, server) = customer(letter, folder, as_), _mail_path()
    try:
        command = occasion(letter, sample, folder.playbook, language).command
    except NotShown as error:
        typer.echo(f"not sent: {error}", err=True)
        raise typer.Exit(1) from error
    outcome = asyncio.run(send_copy(command, to, folder, settings.public_url, server, settings.smtp_timeout))
    typer.echo(_said(letter, outcome), err=outcome.state is not State.SENT)
    raise typer.Exit(0 if outcome.state is State.SENT else 1)


def _mail_path() -> tuple[MailSettings, MailServer]:
    settings = MailSettings.model_validate({})
    try:
        return settings, mail_server(settings.smtp_url.get_secret_value())
    except ValueError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error


def _said(letter: str, outcome: Outcome) -> str:
    if outcome.state is State.SENT:
        return f"sent: the mail server took a test copy of {letter}"
    return f"{'perhaps sent' if outcome.state is State.IN_DOUBT else 'not sent'}: {outcome.reason}"
