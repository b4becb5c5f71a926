"""The door for providers: `/hooks/NAME`, which is there only for those that were set up."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from feedback.forms import LONGEST_WAIT
from feedback.metrics import Metrics
from feedback.providers.calls import Forged, NotReached, Provider
from feedback.returned.returns import Returns


@dataclass(frozen=True)
class Hooks:
    """Answers 200 once all that a call tells holds; 403 for what is not the provider's; 503 for what shall come again."""

    providers: Mapping[str, Provider]
    returns: Returns
    metrics: Metrics

    async def take(self, request: Request) -> Response:
        """One call of one provider."""
        provider = self.providers.get(request.path_params["provider"])
        if provider is None:
            raise HTTPException(404)
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                body = await request.body()
            told = await provider.read(request.headers, body)
        except TimeoutError as error:
            raise HTTPException(408) from error
        except Forged:
            self.metrics.forged.inc()
            return PlainTextResponse("not accepted\n", 403)
        except NotReached:
            return PlainTextResponse("later\n", 503)
        for news in told:
            await self.returns.take(news)
        return PlainTextResponse("taken\n")
