"""What operators ask: is the process alive, is it ready, what has it counted."""

from dataclasses import dataclass

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ingest.metrics import Meters
from ingest.publisher import Publisher


@dataclass(frozen=True)
class Probes:
    """The operators' addresses."""

    publisher: Publisher
    meters: Meters

    async def healthz(self, _request: Request) -> Response:
        """The process answers; an absent broker is no reason to restart it."""
        return JSONResponse({"alive": True})

    async def readyz(self, _request: Request) -> Response:
        """200 while the broker answers and has the topic of the events, else 503."""
        if self.publisher.ready:
            return JSONResponse({"ready": True})
        return JSONResponse({"ready": False, "waiting_for": "the broker and its topic care.events"}, 503, {"Retry-After": "2"})

    async def metrics(self, _request: Request) -> Response:
        """For Prometheus."""
        return Response(self.meters.exposition(), media_type=CONTENT_TYPE_LATEST)
