"""`/u/TOKEN`: GET shows one button and changes nothing; POST unsubscribes, from the page or by one click in the mail program (RFC 8058)."""

from dataclasses import dataclass

from care_contracts.links import Use
from starlette.requests import Request
from starlette.responses import Response

from feedback.consents import Consents
from feedback.entrance import Entrance
from feedback.forms import read_form
from feedback.pages import Pages


@dataclass(frozen=True)
class UnsubscribePage:
    """The way out."""

    entrance: Entrance
    consents: Consents
    pages: Pages

    async def show(self, request: Request) -> Response:
        """The button."""
        asked = await self.entrance.admit(Use.UNSUBSCRIBE, request)
        return self.pages.show(request, "unsubscribe", purpose=asked.purpose, preferences=self.entrance.token(Use.PREFERENCES, asked))

    async def act(self, request: Request) -> Response:
        """Unsubscribes before it answers, always with 200: RFC 8058 (section 3.1) allows neither redirects nor cookies, and repeats are normal."""
        asked = await self.entrance.admit(Use.UNSUBSCRIBE, request)
        form = await read_form(request)
        everything = form.get("everything") == "yes"
        source = "one-click" if form.get("List-Unsubscribe") == "One-Click" else "page"
        await self.consents.refuse(asked, everything=everything, source=source)
        preferences = self.entrance.token(Use.PREFERENCES, asked)
        return self.pages.show(request, "unsubscribed", purpose=asked.purpose, everything=everything, preferences=preferences)
