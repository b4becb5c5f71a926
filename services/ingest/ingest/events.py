"""POST /v1/events: one event or an array of them; all are accepted, or none."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import msgspec
import structlog
from care_contracts.catalogue import BY_NAME
from care_contracts.clock import Clock, rfc3339
from care_contracts.problems import closest
from starlette.requests import Request
from starlette.responses import Response

from ingest.intake import Taken, read_events
from ingest.keys import ApiKeys
from ingest.limits import Limits, expect_json, read_body
from ingest.metrics import Meters
from ingest.problems import UNCONFIRMED, Refusal, told
from ingest.publisher import Publisher, Record, Unconfirmed

log = structlog.get_logger()

RETRY_AFTER_S = 2
KEPT_PROBLEMS = 100


@dataclass(frozen=True)
class EventsDesk:
    """Where events come in; everything it needs is handed to it."""

    keys: ApiKeys
    limits: Limits
    publisher: Publisher
    clock: Clock
    meters: Meters

    async def post(self, request: Request) -> Response:
        """202 when the broker has acknowledged every event; raises a Refusal otherwise."""
        source = f"api:{self.keys.name_of(request.headers)}"
        expect_json(request)
        body = await read_body(request, self.limits)
        try:
            taken = read_events(body, source, self.limits, self.clock.now())
        except Refusal as refusal:
            self._set_aside(source, body, refusal)
            raise
        await self._publish(taken)
        return _accepted(taken)

    async def _publish(self, taken: Sequence[Taken]) -> None:
        types = [each.event.type for each in taken]
        try:
            await self.publisher.publish([each.record for each in taken])
        except Unconfirmed as error:
            log.warning("not confirmed", events=len(taken), why=str(error))
            self._count(types, "unconfirmed")
            raise Refusal(UNCONFIRMED, str(error), headers={"Retry-After": str(RETRY_AFTER_S)}) from error
        self._count(types, "accepted")

    def _count(self, types: Iterable[object], outcome: str) -> None:
        for event_type in types:
            self.meters.count(event_type, outcome)

    def _set_aside(self, source: str, body: bytes, refusal: Refusal) -> None:
        """The payload goes to a topic where whoever mends the sender finds it; the log tells only how much was wrong."""
        log.info("refused", source=source, kind=refusal.kind.slug, problems=len(refusal.problems), bytes=len(body))
        self._count(refusal.types, "refused")
        kept = {
            "source": source,
            "at": rfc3339(self.clock.now()),
            "kind": refusal.kind.slug,
            "detail": refusal.detail,
            "problems": told(refusal.problems[:KEPT_PROBLEMS]),
            "payload": body.decode("utf-8", "replace"),
        }
        self.publisher.set_aside(Record(source.encode(), msgspec.json.encode(kept)))


def _accepted(taken: Sequence[Taken]) -> Response:
    body = {"accepted": [{"id": each.event.id, "status": "accepted", **_note(each.event.type)} for each in taken]}
    return Response(msgspec.json.encode(body), 202, media_type="application/json")


@lru_cache(1024)
def _note(event_type: str) -> dict[str, str]:
    """A type of one's own is welcome; one that is nearly a catalogued type is probably a typing mistake, which no rule would ever see."""
    nearest = "" if event_type in BY_NAME else closest(event_type, BY_NAME)
    return {"note": f"{event_type} is not in the catalogue: {nearest}"} if nearest else {}
