"""Answers to surveys: from a form to an event that is confirmed on care.events."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from care_contracts.clock import Clock
from care_contracts.records import Event
from sqlalchemy import Connection

from feedback.asked import Asked
from feedback.database import Database
from feedback.metrics import Metrics
from feedback.outbox import Outbox, keep
from feedback.said import say
from feedback.scales import Scale

SOURCE = "careloop/feedback"
COMMENT_LENGTH = 2000


@dataclass(frozen=True, slots=True)
class Form:
    """What the customer filled in: `score` is None without a valid choice, `comment` may be too long."""

    score: int | None
    comment: str = ""

    @property
    def problems(self) -> list[str]:
        """What has to be put right, by the names of the words for it."""
        found = {"no_score": self.score is None, "long_comment": len(self.comment) > COMMENT_LENGTH}
        return [name for name, wrong in found.items() if wrong]


def filled_in(fields: Mapping[str, object], scale: Scale) -> Form:
    """A form as it was sent. Line ends count once, as browsers count them; control characters are nobody's words."""
    comment = str(fields.get("comment") or "").replace("\r\n", "\n").replace("\r", "\n")
    readable = "".join(character for character in comment if character in "\n\t" or character.isprintable() or ord(character) > 0x9F)
    return Form(scale.score(str(fields.get("score"))), readable.strip())


@dataclass(frozen=True)
class Answers:
    """Takes answers in: kept in the database first, so that none is lost, then confirmed by the broker."""

    database: Database
    outbox: Outbox
    clock: Clock
    metrics: Metrics

    async def give(self, asked: Asked, scale: Scale, form: Form) -> None:
        """Returns once survey.answered is on the topic; raises NotConfirmed when it will only come there later. The same answer again is no news."""
        await self.database.transact(partial(self._keep, asked=asked, scale=scale, form=form))
        await self.outbox.flush(asked.customer_id)
        self.metrics.answers.labels(scale.kind).inc()

    def _keep(self, connection: Connection, asked: Asked, scale: Scale, form: Form) -> None:
        now = self.clock.now()
        revision = say(connection, f"answer {asked.command_id}", _digest(scale.kind, form.score, form.comment), now)
        if revision is not None:
            keep(connection, answered(asked, scale, form, revision, now))


def answered(asked: Asked, scale: Scale, form: Form, revision: int, now: int) -> Event:
    """The event of the `revision`-th different answer to a letter; its id follows from the answer, so that a double click is one event."""
    its_id = f"{asked.command_id}.answered.{_digest(scale.kind, form.score, form.comment, revision)}"
    data = {
        "survey": asked.survey or scale.kind,
        "kind": scale.kind,
        "score": form.score,
        "command_id": asked.command_id,
        "rule": asked.rule,
        "letter": asked.letter,
    }
    optional = {"comment": form.comment, "order_id": asked.order_id, "ticket_id": asked.ticket_id}
    return Event(its_id, SOURCE, "survey.answered", asked.customer_id, now, now, data | {name: value for name, value in optional.items() if value})


def _digest(*parts: object) -> str:
    return hashlib.blake2b(json.dumps(parts).encode(), digest_size=12).hexdigest()
