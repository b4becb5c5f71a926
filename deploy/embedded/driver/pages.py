"""What a customer does on our pages: opens a survey, fills in its form, sends it; unsubscribes with one click."""

import asyncio
import random
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import httpx

from deploy.embedded.driver.forms import Form, form_on

TRIES = 60
PAUSE_S = 0.5
AWAY = frozenset({404, 429, 500, 502, 503, 504})  # 404: the letter was quicker than what feedback learns about it
COMMENTS = {True: ("Lovely, thank you!", "Beautifully packed.", "Genau richtig."), False: ("The case was cracked.", "It took too long.", "Schade.")}


@dataclass
class Pages:
    """`did` counts what was done; `scores` what was answered, by kind of survey."""

    client: httpx.AsyncClient
    did: Counter[str] = field(default_factory=Counter)
    scores: dict[str, list[int]] = field(default_factory=dict)

    async def answer(self, link: str, weights: tuple[int, ...], dice: random.Random) -> None:
        """Opens the survey behind `link` and sends its form, with a score by the CSAT `weights`."""
        page = await self._until_there(lambda: self.client.get(link))
        form = form_on(page.text, str(page.url)) if page.status_code == 200 else None
        if form is None or not form.choices:
            self.did[f"survey page said {page.status_code}"] += 1
            return
        kind, filled = _filled_in(form, weights, dice)
        sent = await self._until_there(lambda: self.client.post(form.action, data=filled))
        if sent.status_code == 200:
            self.did["answered"] += 1
            self.scores.setdefault(kind, []).append(int(filled[next(iter(form.choices))]))
        else:
            self.did[f"survey answer said {sent.status_code}"] += 1

    async def unsubscribe(self, header: str) -> None:
        """One click, as a mail program does it (RFC 8058 section 3.2)."""
        found = re.search(r"<(https?://[^>]+)>", header)
        if found:
            done = await self._until_there(lambda: self.client.post(found[1], data={"List-Unsubscribe": "One-Click"}))
            self.did["unsubscribed" if done.status_code == 200 else f"unsubscribe said {done.status_code}"] += 1

    async def _until_there(self, ask: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
        """The answer; as patient as a customer who reloads a page, who in the end takes it for a 503."""
        for _ in range(TRIES):
            try:
                if (answer := await ask()).status_code not in AWAY:
                    return answer
            except httpx.TransportError:
                self.did["a page did not load"] += 1
            await asyncio.sleep(PAUSE_S)
        return httpx.Response(503)


def _filled_in(form: Form, weights: tuple[int, ...], dice: random.Random) -> tuple[str, dict[str, str]]:
    """The kind of survey and what is sent: the first choice by temperament, and a comment now and then."""
    name, values = next(iter(form.choices.items()))
    satisfaction = dice.choices(range(1, 6), weights)[0]
    kind = "nps" if len(values) > 5 else "csat"
    score = satisfaction if kind == "csat" else min(10, max(0, satisfaction * 2 + dice.randint(-1, 1)))
    comment = {text: dice.choice(COMMENTS[satisfaction > 3]) for text in form.texts if dice.random() < 0.4}
    return kind, form.hidden | {name: str(score)} | comment
