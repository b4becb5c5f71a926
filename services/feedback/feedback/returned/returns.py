"""Takes in what came back to letters: a suppression holds, and the event is kept, before this says that it was understood."""

import logging
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import dropwhile, takewhile

from care_contracts import reputation
from care_contracts.clock import DAY_MS, Clock
from care_contracts.records import Event
from care_contracts.reputation import Kind
from care_contracts.suppression import EVERYTHING, Suppressions
from sqlalchemy import Connection

from feedback.answers import SOURCE
from feedback.asked import Asked, lately, recall
from feedback.database import Database
from feedback.entrance import NotKnownYet
from feedback.metrics import Metrics
from feedback.outbox import NotConfirmed, Outbox, keep
from feedback.returned.faults import Fault
from feedback.returned.news import Bounced, Complained, Ignored, News, Replied
from feedback.said import last_words, say

log = logging.getLogger(__name__)

SOFT_IN_A_ROW = 5
SOFT_OVER_MS = 7 * DAY_MS
_LOOK_BACK = 20
_TELL_S = 1.0


@dataclass(frozen=True)
class Returns:
    """A broker that is away delays only the event, never its effect; repeating what was told changes nothing."""

    database: Database
    suppressions: Suppressions
    outbox: Outbox
    clock: Clock
    metrics: Metrics
    real: Clock = field(default_factory=Clock)  # how we are received is counted in real time, whatever the system's clock shows

    async def take(self, news: News | Ignored) -> None:
        """Effective when this returns. Raises NotKnownYet for a letter that has not arrived here yet, SQLAlchemyError without a database."""
        if isinstance(news, Ignored):
            self.metrics.returned.labels(news.value, "").inc()
            return
        if event := await self._kept(news):
            await self._tell(event)

    async def _kept(self, news: News) -> Event | None:
        try:
            return await self.database.transact(partial(self._commit, news=news))
        except NotKnownYet:
            if not isinstance(news, Replied):
                raise
            self.metrics.returned.labels(Ignored.UNRELATED.value, "").inc()  # anybody may write anything there; it must not come back to them
            return None

    async def _tell(self, event: Event) -> None:
        self.metrics.returned.labels(event.type.partition(".")[2], event.data.get("class", "")).inc()
        if event.data.get("class") == Fault.POLICY:
            self.metrics.sender_faults.inc()
            log.error("a mail server refuses us as a sender: %s (rule %s)", event.data["reason"], event.data["rule"])
        with suppress(NotConfirmed):  # the outbox sends it later; the suppression holds already
            await self.outbox.flush(event.customer_id, within=_TELL_S)

    def _commit(self, connection: Connection, news: News) -> Event | None:
        """The event where this is news; it begins with a write, which is taken back where the letter is not known."""
        about, word = _said(news)
        revision = say(connection, about, word, self.clock.now())
        asked = recall(connection, news.command_id)
        if asked is None:
            raise NotKnownYet("a genuine return of an unknown command")
        if revision is None:
            return None
        event = self._told(connection, asked, news, revision)
        keep(connection, event)
        return event

    def _told(self, connection: Connection, asked: Asked, news: News, revision: int) -> Event:
        data = {"command_id": asked.command_id, "rule": asked.rule, "letter": asked.letter, "channel": "email"}
        match news:
            case Bounced(_, fault, reason):
                return self._event(asked, "bounced", f".{revision}" if revision > 1 else "", data | self._given_up(connection, asked, fault, reason))
            case Complained():
                self.suppressions.add(connection, asked.address, EVERYTHING, "complained", self.clock.now())
                reputation.count(connection, Kind.COMPLAINED, self.real.now())
                return self._event(asked, "complained", "", data)
            case Replied(_, key):
                return self._event(asked, "replied", f".{key}", data)

    def _given_up(self, connection: Connection, asked: Asked, fault: Fault, reason: str) -> dict[str, str]:
        """The bounce's class and reason; where the address is given up it is suppressed, and the class says so."""
        if fault is Fault.SOFT and (row := _soft_in_a_row(connection, asked)):
            fault, reason = Fault.HARD, f"{reason}: the last {row} letters all came back"
        if fault is Fault.HARD:
            self.suppressions.add(connection, asked.address, EVERYTHING, "bounced", self.clock.now())
            reputation.count(connection, Kind.BOUNCED, self.real.now())
        return {"reason": reason, "class": fault.value}

    def _event(self, asked: Asked, name: str, tail: str, data: dict[str, str]) -> Event:
        now = self.clock.now()
        return Event(f"{asked.command_id}.{name}{tail}", SOURCE, f"message.{name}", asked.customer_id, now, now, data)


def _said(news: News) -> tuple[str, str]:
    """The subject and the last word on it: one for each letter, and for each of the replies to it."""
    match news:
        case Bounced(command_id, fault):
            return _bounced(command_id), fault.value
        case Complained(command_id):
            return f"complained {command_id}", "yes"
        case Replied(command_id, key):
            return f"replied {command_id} {key}", "yes"


def _bounced(command_id: str) -> str:
    return f"bounced {command_id}"


def _soft_in_a_row(connection: Connection, asked: Asked) -> int:
    """How many of the newest letters came back in a row, 0 while that is no reason to give up. The very newest may still be on their way."""
    letters = lately(connection, asked.address, _LOOK_BACK)
    words = last_words(connection, [_bounced(letter.command_id) for letter in letters])
    came_back = list(dropwhile(lambda letter: _bounced(letter.command_id) not in words, letters))
    row = list(takewhile(lambda letter: words.get(_bounced(letter.command_id)) == Fault.SOFT, came_back))
    enough = len(row) >= SOFT_IN_A_ROW and row[0].at - row[-1].at >= SOFT_OVER_MS
    return len(row) if enough else 0
