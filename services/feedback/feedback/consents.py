"""What customers want to receive: their word holds in the suppression table before it is answered, and becomes consent.changed."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from care_contracts.clock import Clock
from care_contracts.records import Event
from care_contracts.suppression import EVERYTHING, Suppressions
from sqlalchemy import Connection

from feedback.answers import SOURCE
from feedback.asked import Asked
from feedback.database import Database
from feedback.metrics import Metrics
from feedback.outbox import NotConfirmed, Outbox, keep
from feedback.said import last_words, say

SERVICE = "service"
PURPOSES = ("care", "survey", "promotion")
WELCOME_UNTIL_TOLD = ("care", "survey", SERVICE)
_GRANTED, _REFUSED = "granted", "refused"
_REASON = "unsubscribed"
_TELL_S = 1.0


@dataclass(frozen=True)
class Consents:
    """Takes in what customers do and do not want. A broker that is away delays only the events, never the effect."""

    database: Database
    suppressions: Suppressions
    outbox: Outbox
    clock: Clock
    metrics: Metrics

    async def refuse(self, asked: Asked, *, everything: bool, source: str) -> None:
        """Stops letters of the asking letter's purpose, or all of them; effective when this returns. Repeating it changes nothing."""
        refused = {*PURPOSES, SERVICE, asked.purpose} if everything else {asked.purpose}
        await self._settle(asked, dict.fromkeys(sorted(refused), False), source, everything=everything)

    async def choose(self, asked: Asked, wanted: Collection[str]) -> None:
        """Makes exactly the `wanted` of `purposes(asked)` welcome; effective when this returns."""
        await self._settle(asked, {purpose: purpose in wanted for purpose in purposes(asked)}, "preferences")

    async def wanted(self, asked: Asked) -> list[str]:
        """Those of `purposes(asked)` that are welcome now, as far as this service was told."""
        return await self.database.transact(partial(self._wanted, asked=asked))

    async def _settle(self, asked: Asked, choices: Mapping[str, bool], source: str, *, everything: bool = False) -> None:
        changes = await self.database.transact(partial(self._commit, asked=asked, choices=choices, source=source, everything=everything))
        self.metrics.consents.labels(source).inc(changes)
        with suppress(NotConfirmed):  # the outbox sends it later; the suppression holds already
            await self.outbox.flush(asked.customer_id, within=_TELL_S)

    def _commit(self, connection: Connection, asked: Asked, choices: Mapping[str, bool], source: str, everything: bool) -> int:
        now = self.clock.now()
        if everything:
            self.suppressions.add(connection, asked.address, EVERYTHING, _REASON, now)
        if any(choices.values()):
            choices = {**self._open_again(connection, asked), **choices}
        for purpose, granted in choices.items():
            if granted:
                self.suppressions.lift(connection, asked.address, purpose)
            elif not everything:
                self.suppressions.add(connection, asked.address, purpose, _REASON, now)
        news = [event for purpose, granted in choices.items() if (event := _told(connection, asked, purpose, granted, source, now))]
        for event in news:
            keep(connection, event)
        return len(news)

    def _open_again(self, connection: Connection, asked: Asked) -> dict[str, bool]:
        """Who stopped everything and now welcomes something will also be told about their orders again."""
        everything = (asked.address, EVERYTHING)
        stopped = everything in self.suppressions.stopped(connection, [everything])
        self.suppressions.lift(connection, *everything)
        return {SERVICE: True} if stopped else {}

    def _wanted(self, connection: Connection, asked: Asked) -> list[str]:
        offered = purposes(asked)
        words = last_words(connection, [_about(asked, purpose) for purpose in offered])
        stopped = {purpose for _, purpose in self.suppressions.stopped(connection, [(asked.address, purpose) for purpose in offered])}
        return [purpose for purpose in offered if purpose not in stopped and words.get(_about(asked, purpose), _assumed(asked, purpose)) == _GRANTED]


def purposes(asked: Asked) -> list[str]:
    """The kinds of letters a customer can choose from: the usual ones, and that of the letter in their hand."""
    return list(dict.fromkeys((*PURPOSES, asked.purpose)))


def _about(asked: Asked, purpose: str) -> str:
    return f"consent {purpose} {asked.customer_id}"


def _assumed(asked: Asked, purpose: str) -> str:
    """Before anything was said: welcome by default, or because the letter in their hand was sent for that purpose."""
    return _GRANTED if purpose in WELCOME_UNTIL_TOLD or purpose == asked.purpose else _REFUSED


def _told(connection: Connection, asked: Asked, purpose: str, granted: bool, source: str, now: int) -> Event | None:
    """The event that tells a change, or None where nothing changed."""
    about, word = _about(asked, purpose), _GRANTED if granted else _REFUSED
    known = about in last_words(connection, [about])
    revision = say(connection, about, word, now)
    if revision is None or (not known and granted and _assumed(asked, purpose) == _GRANTED):
        return None
    data = {"purpose": purpose, "granted": granted, "channel": "email", "source": source, "command_id": asked.command_id}
    confirmed = {"confirmed": True} if granted else {}  # who holds the letter's link reads the mailbox
    return Event(f"{asked.command_id}.consent.{purpose}.{word}.{revision}", SOURCE, "consent.changed", asked.customer_id, now, now, data | confirmed)
