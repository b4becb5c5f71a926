"""The way in: a link's token becomes the letter it came from."""

import asyncio
from dataclasses import dataclass
from functools import partial

from care_contracts.clock import Clock
from care_contracts.links import LinkKeys, Use
from starlette.requests import Request

from feedback.asked import Asked, recall
from feedback.database import Database

WAIT_S = 2.0
_LOOK_S = 0.05


class NotKnownYet(RuntimeError):
    """The link is genuine, but what it belongs to has not arrived from care.outreach."""


@dataclass(frozen=True)
class Entrance:
    """Opens links, and makes links to the other pages."""

    keys: LinkKeys
    database: Database
    clock: Clock

    async def admit(self, use: Use, request: Request) -> Asked:
        """The letter that the request's token came from; raises BadLink, ExpiredLink, or NotKnownYet after waiting 2 seconds for it."""
        command_id = self.keys.open(use, request.path_params["token"], self.clock.now())
        try:
            async with asyncio.timeout(WAIT_S):
                asked = await self._arrived(command_id)
        except TimeoutError as error:
            raise NotKnownYet("a genuine link of an unknown command") from error
        request.state.wish = asked.language
        return asked

    async def _arrived(self, command_id: str) -> Asked:
        while True:
            if asked := await self.database.transact(partial(recall, command_id=command_id)):
                return asked
            await asyncio.sleep(_LOOK_S)

    def token(self, use: Use, asked: Asked) -> str:
        """A link of the same letter to another page."""
        return self.keys.sign(use, asked.command_id, asked.expires)
