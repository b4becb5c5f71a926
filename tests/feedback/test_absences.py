"""What happens when the database or the broker is away, and what is kept for how long."""

import asyncio
from contextlib import suppress
from functools import partial
from pathlib import Path

import httpx
import pytest
from care_contracts.clock import DAY_MS, Clock
from care_contracts.links import Use
from care_contracts.records import altered
from feedback.asked import asked_by, forget, recall, remember
from feedback.database import open_database
from feedback.housekeeping import Housekeeping
from sqlalchemy import inspect

from tests.feedback.stage import NOW, Service, letter
from tests.waiting import until

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


async def test_what_a_request_could_not_send_is_sent_later_without_being_asked(service: Service, client: httpx.AsyncClient) -> None:
    await service.writes(letter())
    service.topic.away = True
    await client.post(service.link(Use.UNSUBSCRIBE, letter()), data=ONE_CLICK)
    running = asyncio.create_task(service.outbox.run())
    service.topic.away = False

    await until(partial(_is_empty, service))

    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert [event.data["purpose"] for event in service.topic.events] == ["care"]


async def _is_empty(service: Service) -> bool:
    return await service.outbox.waiting() == 0


async def test_many_clicks_at_once_send_each_answer_once(service: Service, client: httpx.AsyncClient) -> None:
    orders = [f"A{number}" for number in range(8)]
    for order in orders:
        await service.writes(letter(order))

    await asyncio.gather(*(client.post(service.link(Use.SURVEY, letter(order)), data={"score": "4"}) for order in orders for _ in range(2)))

    assert sorted(event.data["order_id"] for event in service.topic.events) == orders


async def test_without_the_database_customers_are_asked_to_come_back(service: Service, client: httpx.AsyncClient) -> None:
    await service.database.transact(lambda connection: connection.exec_driver_sql("DROP TABLE care_asked"))

    page = await client.post(service.link(Use.UNSUBSCRIBE, letter()), data=ONE_CLICK)

    assert (page.status_code, page.headers["retry-after"]) == (503, "5")
    assert "Please try again in a minute" in page.text


async def test_a_failure_nobody_foresaw_is_told_kindly_and_gives_nothing_away(service: Service, client: httpx.AsyncClient) -> None:
    await service.writes(letter())
    service.topic.events = None  # type: ignore[assignment]  # so that publishing fails in an unforeseen way

    page = await client.post(service.link(Use.SURVEY, letter()), data={"score": "4"})

    assert page.status_code == 500
    assert "It is our fault, not yours" in page.text
    assert "Traceback" not in page.text


async def test_a_database_that_comes_late_gets_its_tables(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    database = open_database(f"sqlite:///{tmp_path}/late/care.db")
    housekeeping = Housekeeping(database, Clock())
    running = asyncio.create_task(housekeeping.run())
    await until(lambda: "the database is away" in caplog.text)
    assert not housekeeping.prepared.is_set()

    (tmp_path / "late").mkdir()
    await asyncio.wait_for(housekeeping.prepared.wait(), 10)

    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert {"care_asked", "care_said", "care_outbox", "care_suppression"} <= set(inspect(database.engine).get_table_names())
    database.close()


async def test_a_letter_is_forgotten_a_day_after_its_links_have_ended(service: Service) -> None:
    asked = await service.writes(letter())

    at_the_end = await service.database.transact(lambda connection: forget(connection, asked.expires))
    later = await service.database.transact(lambda connection: forget(connection, asked.expires + DAY_MS + 1))

    assert (asked.expires - NOW, at_the_end, later) == (90 * DAY_MS, 0, 1)


async def test_learning_of_a_letter_twice_changes_nothing(service: Service) -> None:
    first = await service.writes(letter())
    again = asked_by(altered(letter(), language="de"))
    assert again

    await service.database.transact(lambda connection: remember(connection, [again]))

    assert await service.database.transact(lambda connection: recall(connection, first.command_id)) == first


@pytest.mark.parametrize("context", [{}, {"event": None}, {"event": []}, {"event": {"order_id": 7, "ticket_id": "T\0"}}])
def test_whatever_the_context_holds_a_letter_is_understood(context: dict[str, object]) -> None:
    asked = asked_by(altered(letter(), context=context))

    assert asked
    assert (asked.order_id, asked.ticket_id) in {("", ""), ("7", "T")}


def test_tasks_for_colleagues_ask_customers_nothing() -> None:
    assert asked_by(letter(kind="alert")) is None
    assert asked_by(altered(letter(), address="")) is None


async def test_operators_see_what_is_missing(service: Service, client: httpx.AsyncClient) -> None:
    assert (await client.get("/readyz")).json() == {"events": True}

    service.broker["there"] = False
    unready = await client.get("/readyz")

    assert (unready.status_code, unready.json()) == (503, {"events": False})
    assert (await client.get("/healthz")).status_code == 200


async def test_operators_can_count_without_reading_tokens(service: Service, client: httpx.AsyncClient) -> None:
    await service.writes(letter())
    service.topic.away = True
    link = service.link(Use.SURVEY, letter())
    await client.post(link, data={"score": "4"})

    text = (await client.get("/metrics")).text

    assert 'feedback_pages_total{page="notice",status="503"} 1.0' in text
    assert "feedback_outbox_events 1.0" in text
    assert link.rpartition("/")[2] not in text
