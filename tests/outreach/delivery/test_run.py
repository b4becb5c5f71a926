"""The courier as its settings put it together; only the broker is left out."""

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import pytest
from care_contracts.records import Event
from care_contracts.wire import encode_command
from outreach.core.rules import Playbook
from outreach.delivery import ledger_table
from outreach.delivery.composing import Mail
from outreach.delivery.run import Parts, parts, prepare
from outreach.playbook.load import Folder
from outreach.playbook.versions import Versions
from outreach.settings import DeliverSettings
from prometheus_client import CollectorRegistry
from sqlalchemy import select

from deploy.mail.scripted import scripted
from tests.outreach.delivery.post_office import POLICY, PlainLetters, order
from tests.outreach.delivery.test_dkim import ED25519, pem


def put_together(folder: Path, port: int, **changes: object) -> Parts:
    secrets = {"link_keys": "1:a secret of some length", "suppression_key": "a secret of some length"}
    told = secrets | {"database_url": f"sqlite:///{folder}/care.db", "smtp_url": f"smtp://127.0.0.1:{port}", "retry_first": 10} | changes
    own = Folder(Playbook("v1", policy=POLICY), (), PlainLetters(), (), {})  # type: ignore[arg-type] # letters of the tests
    return parts(DeliverSettings(**told), Versions(own, folder), CollectorRegistry())  # type: ignore[arg-type] # pydantic reads the texts


async def test_a_try_that_is_put_off_is_due_after_the_configured_real_seconds(tmp_path: Path) -> None:
    told: list[Event] = []

    async def tell(event: Event) -> None:
        told.append(event)

    async with scripted({"RCPT": "450 4.2.0 later"}) as server:
        whole = put_together(tmp_path, server.port, clock="2026-01-01T00:00:00Z@86400x")
        prepare(whole.ledger.engine)
        courier = replace(whole.courier, tell=tell)
        writing = asyncio.create_task(courier.writes.run())
        far = courier.clock.now() + 10**12
        await courier.carry_out(encode_command(order("late", not_after=far)))
        await courier.carry_out(encode_command(order("well", not_after=far)))
        writing.cancel()
        await courier.connections.close()
    with whole.ledger.engine.connect() as connection:
        wake = connection.execute(select(ledger_table.table.c.wake).where(ledger_table.table.c.state == "retry_at")).scalar_one()
    assert 0 < wake - time.time() * 1000 <= 10_000
    assert [event.type for event in told] == ["message.sent"]
    assert told[0].time < far - 10**11, "events carry the scaled clock's time"
    whole.ledger.engine.dispose()


async def test_the_mailbox_for_bounces_and_the_signing_keys_are_settings_and_keys_come_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dkim.pem").write_text(pem(ED25519))
    monkeypatch.setenv("CARE_DKIM_KEYS_FILE", str(tmp_path / "dkim.pem"))
    whole = put_together(tmp_path, 9, dkim_selectors="s1", bounce_address="bounces@northwind.example")
    composer = await whole.courier.composer_of("v1")
    assert composer
    mail = composer.compose(order())
    assert isinstance(mail, Mail)
    assert mail.content.startswith(b"DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=northwind.example; s=s1;")
    assert mail.envelope.sender.startswith("bounces+")


@pytest.mark.parametrize("changes", [{"dkim_selectors": "s1"}, {"bounce_address": "no-address"}, {"bounce_address": f"{'a' * 20}@northwind.example"}])
def test_a_setting_that_cannot_be_meant_is_refused_at_the_start(tmp_path: Path, changes: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="expected"):
        put_together(tmp_path, 9, **changes)


def test_a_courier_without_its_neighbours_says_who_is_away(tmp_path: Path) -> None:
    whole = put_together(tmp_path, 9)
    assert whole.unready() == "broker away"


def test_a_restart_under_the_same_name_is_another_life(tmp_path: Path) -> None:
    first, second = (put_together(tmp_path, 9, courier_instance="courier-1").ledger.owner for _ in range(2))
    assert first != second
    assert {owner.rpartition("/")[0] for owner in (first, second)} == {"courier-1"}


def test_a_wrong_mail_url_is_found_before_anything_connects(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="CARE_SMTP_URL"):
        put_together(tmp_path, 9, smtp_url="mail.example")
