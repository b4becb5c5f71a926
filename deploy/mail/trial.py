"""One fault of the table against the courier as its settings put it together; only the broker is left out."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from care_contracts.clock import DAY_MS
from care_contracts.identity import command_id
from care_contracts.records import Command, Event, altered
from care_contracts.wire import encode_command
from outreach.delivery import ledger_table
from outreach.delivery.courier import Courier
from outreach.delivery.run import REAL, Parts, parts, prepare
from outreach.playbook.load import Folder, load_folder
from outreach.playbook.versions import Versions
from outreach.settings import DeliverSettings
from prometheus_client import CollectorRegistry
from sqlalchemy import select

from deploy.embedded.plan import ROOT
from deploy.mail.certificate import certificate
from deploy.mail.faults import Certificate, Fault, Wanted
from deploy.mail.scripted import ScriptedServer, scripted

PLAYBOOK = ROOT / "deploy" / "embedded" / "quick_playbook"
SECRET = "a secret of some length"  # noqa: S105 - of no real system
_AT_ONCE = 8
_PATIENCE_MS = 600
_LONGEST_SECONDS = 45
_STATES = {Wanted.REFUSED: "refused", Wanted.FAILED: "failed", Wanted.IN_DOUBT: "in_doubt", Wanted.WAITS: "expired"}


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of a command, by the ledger and by the server; `spoken` are the verbs that the server could read."""

    state: str
    category: str
    attempts: int
    mails: int
    spoken: frozenset[str]
    connections: int
    ascii_only: bool
    next_one: str


def letter(version: str, occurrence: str, address: str, patience_ms: int = DAY_MS, **changes: Any) -> Command:
    """The command to send the quick playbook's letter, for as long as `patience_ms`."""
    now, its_id = REAL.now(), command_id(f"receipt|{occurrence}", "1")
    context = {"customer": {"first_name": "Ada"}, "event": {}, "answer": {}}
    command = Command(
        "send", its_id, "c-1", "receipt", "1", occurrence, "care", version, now, now, now + patience_ms, "en", "receipt", address, context=context
    )
    return altered(command, **changes)


async def complaints(rows: Iterable[Fault]) -> list[str]:
    """What was not as the table says, a line for each row; some rows at once."""
    room = asyncio.Semaphore(_AT_ONCE)

    async def one(fault: Fault) -> str:
        async with room:
            with tempfile.TemporaryDirectory(prefix="care-mail-") as folder:
                try:
                    async with asyncio.timeout(_LONGEST_SECONDS):
                        return differing(fault, await seen(fault, Path(folder)))
                except TimeoutError:
                    return f"{fault.name}: expected an outcome within {_LONGEST_SECONDS} s, got none"

    return [line for line in await asyncio.gather(*map(one, rows)) if line]


def differing(fault: Fault, found: Seen) -> str:
    """Nothing when the outcome is the one that the fault must have."""
    state = _STATES.get(fault.wanted, "sent")
    category = {"in_doubt": "in_doubt", "expired": "expired"}.get(state, fault.category)
    good = (found.state, found.category, found.attempts, found.ascii_only) == (state, category, 2 if fault.wanted is Wanted.RETRIED else fault.tries, True)
    good = good and (found.mails <= 1 if fault.wanted is Wanted.IN_DOUBT else found.mails == (state == "sent"))
    good = good and (fault.wanted is not Wanted.ELSEWHERE or found.connections > 1)
    good = good and (fault.wanted is not Wanted.WAITS or not found.spoken & ({"MAIL", "AUTH"} if "starttls" in fault.url else {"MAIL"}))
    good = good and found.next_one in {"sent", "not tried"}
    return "" if good else f"{fault.name}: expected it {fault.wanted.value} ({state} {category}), got {found}"


async def seen(fault: Fault, folder: Path) -> Seen:
    """Lets the courier meet the fault, and then carry out another command, unless the fault lasts."""
    made = fault.certificate or Certificate()
    trusted, context = await asyncio.to_thread(certificate, folder, made.address, made.days)
    implicit = fault.url.startswith("smtps")
    async with (
        scripted(fault.script, extensions=fault.extensions, always=fault.always, tls=context if fault.tls else None, implicit=implicit) as server,
        _courier(fault, folder, fault.url.format(host="127.0.0.1", port=server.port, ca=trusted)) as (whole, courier),
    ):
        version = _playbook().playbook.version
        command = letter(version, "A1", fault.address, _PATIENCE_MS if fault.wanted is Wanted.WAITS else DAY_MS)
        await _carried_out(whole, courier, command)
        another = letter(version, "A2", "ben@example.org")
        if not fault.always:
            await _carried_out(whole, courier, another)
        return _found(fault, server, whole, command, another)


@cache
def _playbook() -> Folder:
    return load_folder(PLAYBOOK)


@asynccontextmanager
async def _courier(fault: Fault, folder: Path, url: str) -> AsyncIterator[tuple[Parts, Courier]]:
    told = {"link_keys": f"1:{SECRET}", "suppression_key": SECRET, "database_url": f"sqlite:///{folder}/care.db", "smtp_url": url}
    told |= {"smtp_timeout": str(fault.seconds), "retry_first": "0.02", "retry_longest": "0.02"}
    settings = DeliverSettings.model_validate(told)
    whole = parts(settings, Versions(_playbook(), PLAYBOOK), CollectorRegistry())
    courier = replace(whole.courier, tell=_told)
    prepare(whole.ledger.engine)
    writing = asyncio.create_task(courier.writes.run())
    try:
        yield whole, courier
    finally:
        await courier.connections.close()
        writing.cancel()
        whole.ledger.engine.dispose()


async def _told(_event: Event) -> None:
    """Nobody listens: the ledger is what is looked at."""


async def _carried_out(whole: Parts, courier: Courier, command: Command) -> None:
    """As often as the ledger says that it is due, until nothing is left to do."""
    raw = encode_command(command)
    await courier.carry_out(raw)
    while _row(whole, command).wake is not None:
        await asyncio.sleep(0.01)
        if raw in whole.ledger.waking(REAL.now(), 10):
            await courier.carry_out(raw)


def _row(whole: Parts, command: Command) -> Any:
    with whole.ledger.engine.connect() as connection:
        return connection.execute(select(ledger_table.table).where(ledger_table.table.c.command_id == command.command_id)).one()


def _found(fault: Fault, server: ScriptedServer, whole: Parts, command: Command, another: Command) -> Seen:
    row = _row(whole, command)
    mails = sum(name.startswith(f"<{command.command_id}@") for name in server.message_ids())
    spoken = frozenset(line.partition(" ")[0] for line in server.verbs)
    ascii_only = "SMTPUTF8" in fault.extensions or all(message.isascii() for message in server.inbox)
    next_one = "not tried" if fault.always else _row(whole, another).state
    return Seen(row.state, row.category, row.attempts, mails, spoken, server.connections, ascii_only, next_one)
