"""Customers and colleagues read their mail over the catcher's API and act on it: answer surveys, unsubscribe, close tasks."""

import random
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx

from deploy.embedded.driver.agenda import Agenda
from deploy.embedded.driver.pages import Pages
from deploy.embedded.driver.people import Person
from deploy.embedded.driver.posting import Poster
from deploy.embedded.driver.story import HOUR_MS, Fact

BATCH = 200
_TASK = re.compile(r"^Task:\s+(\S+)$", re.MULTILINE)
_CUSTOMER = re.compile(r"^Customer:\s+(\S+)$", re.MULTILINE)


@dataclass
class Readers:
    """`read` is the number of the last mail that was looked at; `survey` the latest link to a survey, for the curious."""

    client: httpx.AsyncClient
    inbox: str
    people: dict[str, Person]
    agenda: Agenda
    pages: Pages
    poster: Poster
    seed: int
    read: int = 0
    survey: str = ""
    did: Counter[str] = field(default_factory=Counter)

    async def look(self) -> None:
        """Takes up every mail that came since the last look; mails wait while the catcher is away."""
        try:
            answer = await self.client.get(f"{self.inbox}/api/messages", params={"after": self.read, "limit": BATCH})
            for row in answer.json()["messages"]:
                self._take_up((await self.client.get(f"{self.inbox}/api/messages/{row['number']}")).json())
                self.read = row["number"]
        except httpx.TransportError:
            self.did["the inbox did not answer"] += 1

    def _take_up(self, mail: dict[str, Any]) -> None:
        dice = random.Random(f"{self.seed}/mail/{mail['message_id']}")  # noqa: S311 - repeatable, no secret
        if reader := self.people.get(mail["to"]):
            self._customer(reader, mail, dice)
        elif task := _TASK.search(mail["text"]):
            self._colleague(task[1], mail, dice)

    def _customer(self, reader: Person, mail: dict[str, Any], dice: random.Random) -> None:
        surveys = [link for link in mail["links"] if "/s/" in link]
        self.survey = surveys[0] if surveys else self.survey
        if dice.random() >= reader.temperament.reads:
            return
        self.did["read"] += 1
        when = self.agenda.clock.now() + round(dice.uniform(1, 40) * HOUR_MS)
        if surveys and dice.random() < reader.temperament.answers:
            self.agenda.at(when, reader.customer_id, partial(self.pages.answer, dice.choice(surveys), reader.temperament.scores, dice))
        elif dice.random() < reader.temperament.leaves:
            self.agenda.at(when, reader.customer_id, partial(self.pages.unsubscribe, dict(mail["headers"]).get("List-Unsubscribe", "")))

    def _colleague(self, task: str, mail: dict[str, Any], dice: random.Random) -> None:
        customer = _CUSTOMER.search(mail["text"])
        if not customer or "Still waiting" in mail["subject"]:
            return
        when = self.agenda.clock.now() + round(dice.uniform(4, 48) * HOUR_MS)
        data = {"task_id": task, "by": "sam", "outcome": dice.choice(("called, all well", "sent a replacement", "apologised"))}
        self.agenda.at(when, customer[1], partial(self._close, Fact(when, f"{task}.closed", "helpdesk", "task.closed", customer[1], data)))

    async def _close(self, fact: Fact) -> None:
        await self.poster.post(fact)
        self.did["closed a task"] += 1
