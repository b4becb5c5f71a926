"""`/p/TOKEN`: GET shows what the customer receives, POST changes it."""

from dataclasses import dataclass

from care_contracts.links import Use
from starlette.requests import Request
from starlette.responses import Response

from feedback.asked import Asked
from feedback.consents import Consents, purposes
from feedback.entrance import Entrance
from feedback.forms import read_form
from feedback.pages import Pages


@dataclass(frozen=True)
class PreferencesPage:
    """What the customer may be written to about."""

    entrance: Entrance
    consents: Consents
    pages: Pages

    async def show(self, request: Request) -> Response:
        """The choices as they are."""
        return await self._page(request, await self.entrance.admit(Use.PREFERENCES, request), saved=False)

    async def save(self, request: Request) -> Response:
        """The choices as they shall be, and as they then are."""
        asked = await self.entrance.admit(Use.PREFERENCES, request)
        form = await read_form(request)
        await self.consents.choose(asked, [str(purpose) for purpose in form.getlist("wanted")])
        return await self._page(request, asked, saved=True)

    async def _page(self, request: Request, asked: Asked, *, saved: bool) -> Response:
        wanted = await self.consents.wanted(asked)
        return self.pages.show(request, "preferences", purposes=purposes(asked), wanted=wanted, saved=saved)
