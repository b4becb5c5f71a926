"""What comes back has its effect before it is acknowledged, once, and on nobody else."""

import logging
from dataclasses import dataclass
from itertools import count

import pytest
from care_contracts.clock import DAY_MS, Clock
from care_contracts.records import altered
from care_contracts.reputation import Counts, counts
from care_contracts.suppression import EVERYTHING
from feedback.entrance import NotKnownYet
from feedback.housekeeping import _forget
from feedback.metrics import Metrics
from feedback.returned.faults import Fault
from feedback.returned.news import Bounced, Complained, Ignored, Replied
from feedback.returned.returns import Returns
from feedback.said import last_words, say
from sqlalchemy import Connection

from tests.feedback.stage import ADA, NOW, Service, letter

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)

LETTER = letter().command_id
HARD = Bounced(LETTER, Fault.HARD, "5.1.1 there is no such mailbox")


def returns_of(service: Service) -> Returns:
    return Returns(service.database, service.suppressions, service.outbox, Clock(real=service.hands), Metrics())


async def told(service: Service, *news: Bounced | Complained | Replied) -> list[tuple[str, str | None]]:
    """What the topic learns: types and classes."""
    for each in news:
        await returns_of(service).take(each)
    return [(event.type, event.data.get("class")) for event in service.topic.events]


async def test_a_hard_bounce_stops_everything_at_once_and_is_told_once(service: Service) -> None:
    await service.writes(letter())

    assert await told(service, HARD, HARD) == [("message.bounced", "hard")]

    (event,) = service.topic.events
    assert (event.id, event.customer_id) == (f"{LETTER}.bounced", "ada")
    assert event.data == {
        "command_id": LETTER,
        "rule": "checkin",
        "letter": "checkin",
        "channel": "email",
        "reason": "5.1.1 there is no such mailbox",
        "class": "hard",
    }
    assert await service.stopped("care", "service") == ["care", "service"]


async def test_a_complaint_stops_everything_at_once_and_is_told_once(service: Service) -> None:
    await service.writes(letter())

    assert await told(service, Complained(LETTER), Complained(LETTER)) == [("message.complained", None)]
    assert await service.stopped(EVERYTHING) == [EVERYTHING]


async def test_what_the_couriers_brake_reads_is_counted_once_for_each_letter(service: Service) -> None:
    await service.writes(letter())

    await told(service, Bounced(LETTER, Fault.SOFT, "x"), HARD, HARD, Complained(LETTER), Complained(LETTER), Replied(LETTER, "a"))
    assert await service.database.transact(lambda connection: counts(connection, 0)) == Counts(bounced=1, complained=1)


async def test_each_reply_is_told_and_stops_nothing(service: Service) -> None:
    await service.writes(letter())

    assert await told(service, Replied(LETTER, "a"), Replied(LETTER, "b"), Replied(LETTER, "a")) == [("message.replied", None)] * 2
    assert len({event.id for event in service.topic.events}) == 2
    assert await service.stopped("care") == []


@pytest.mark.parametrize("fault", [Fault.POLICY, Fault.CONTENT, Fault.SYSTEM, Fault.SOFT])
async def test_nobody_is_given_up_for_what_is_not_the_address_fault(service: Service, fault: Fault) -> None:
    await service.writes(letter())

    assert await told(service, Bounced(LETTER, fault, "x")) == [("message.bounced", fault.value)]
    assert await service.stopped("care") == []


async def test_a_soft_bounce_that_turns_out_hard_is_told_again(service: Service) -> None:
    await service.writes(letter())

    assert await told(service, Bounced(LETTER, Fault.SOFT, "x"), HARD) == [("message.bounced", "soft"), ("message.bounced", "hard")]
    assert len({event.id for event in service.topic.events}) == 2


async def test_a_policy_fault_calls_the_operator_without_naming_anybody(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    await service.writes(letter())
    returns = returns_of(service)

    with caplog.at_level(logging.ERROR):
        await returns.take(Bounced(LETTER, Fault.POLICY, "5.7.26 our mail is not welcome there"))

    assert "5.7.26" in caplog.text
    assert ADA not in caplog.text
    assert b"feedback_sender_faults_total 1.0" in returns.metrics.text()
    assert b'feedback_returned_total{class="policy",what="bounced"} 1.0' in returns.metrics.text()


@dataclass
class Weeks:
    """Letters to Ada, one every so many days, each of which comes back or not."""

    service: Service
    days: float

    async def come_back(self, *faults: Fault | None) -> list[str]:
        """The classes that are told."""
        for number, fault in zip(count(), faults, strict=False):
            command = altered(letter(f"order {number}"), at=letter().at + round(number * self.days * DAY_MS))
            await self.service.writes(command)
            if fault:
                await returns_of(self.service).take(Bounced(command.command_id, fault, "5.2.2 full"))
        return [event.data["class"] for event in self.service.topic.events]


SOFT = Fault.SOFT


@pytest.mark.parametrize(
    ("days", "faults", "given_up"),
    [
        (2, (SOFT,) * 5, True),
        (2, (SOFT,) * 4, False),
        (1, (SOFT,) * 5, False),
        (1, (SOFT,) * 8, True),
        (2, (SOFT, SOFT, SOFT, None, SOFT, SOFT), False),
        (2, (None, SOFT, SOFT, SOFT, SOFT, SOFT), True),
        (2, (SOFT, SOFT, SOFT, Fault.SYSTEM, SOFT, SOFT), False),
        (2, (SOFT, SOFT, SOFT, SOFT, SOFT, None), True),
    ],
)
async def test_an_address_is_given_up_after_five_soft_bounces_in_a_row_over_seven_days(
    service: Service, days: float, faults: tuple[Fault | None, ...], given_up: bool
) -> None:
    classes = await Weeks(service, days).come_back(*faults)

    assert ("hard" in classes) is given_up
    assert (await service.stopped("care") == ["care"]) is given_up


async def test_a_letter_of_before_its_command_arrived_is_told_later_and_leaves_nothing(service: Service) -> None:
    with pytest.raises(NotKnownYet):
        await returns_of(service).take(HARD)

    await service.writes(letter())
    assert await told(service, HARD) == [("message.bounced", "hard")]


async def test_a_reply_to_what_we_never_wrote_and_what_is_ignored_is_counted(service: Service) -> None:
    returns = returns_of(service)

    await returns.take(Replied(LETTER, "a"))
    await returns.take(Ignored.AUTOMATIC)

    assert service.topic.events == []
    assert b'feedback_returned_total{class="",what="unrelated"} 1.0' in returns.metrics.text()
    assert b'feedback_returned_total{class="",what="automatic"} 1.0' in returns.metrics.text()


async def test_a_broker_that_is_away_delays_only_the_event(service: Service) -> None:
    await service.writes(letter())
    service.topic.away = True

    assert await told(service, HARD) == []

    assert await service.stopped("care") == ["care"]
    assert await service.outbox.waiting() == 1


async def test_what_came_back_is_forgotten_with_the_letter_and_what_was_answered_is_not(service: Service) -> None:
    await service.writes(letter())
    await told(service, HARD, Complained(LETTER), Replied(LETTER, "a"))
    subjects = [f"bounced {LETTER}", f"complained {LETTER}", f"replied {LETTER} a", "mailgun token", "consent care ada"]

    async def kept(days: int) -> list[str]:
        def work(connection: Connection) -> list[str]:
            say(connection, "mailgun token", "x", NOW)
            say(connection, "consent care ada", "granted", NOW)
            _forget(connection, NOW + days * DAY_MS)
            return list(last_words(connection, subjects))

        return await service.database.transact(work)

    assert sorted(await kept(1)) == sorted(subjects)
    assert sorted(await kept(3)) == sorted(set(subjects) - {"mailgun token"})
    assert await kept(98) == ["consent care ada"]
    assert await service.stopped("care") == ["care"]
