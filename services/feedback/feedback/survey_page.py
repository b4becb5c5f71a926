"""`/s/TOKEN`: GET shows the survey with a score preselected and changes nothing, because mail scanners follow every link; POST answers it."""

from dataclasses import dataclass
from typing import Any

from care_contracts.links import Use
from starlette.requests import Request
from starlette.responses import Response

from feedback.answers import COMMENT_LENGTH, Answers, Form, filled_in
from feedback.asked import Asked
from feedback.entrance import Entrance
from feedback.forms import read_form
from feedback.pages import Pages
from feedback.scales import Scale, scale_of


@dataclass(frozen=True)
class SurveyPage:
    """The survey that a letter asked for."""

    entrance: Entrance
    answers: Answers
    pages: Pages

    async def show(self, request: Request) -> Response:
        """The questions, with `?score=` preselected."""
        asked = await self.entrance.admit(Use.SURVEY, request)
        scale = scale_of(asked.survey)
        return self._questions(request, asked, scale, Form(scale.score(request.query_params.get("score"))))

    async def take(self, request: Request) -> Response:
        """The answer: thanks once it is confirmed, or the questions again with what is missing."""
        asked = await self.entrance.admit(Use.SURVEY, request)
        scale = scale_of(asked.survey)
        form = filled_in(await read_form(request), scale)
        if form.score is None or form.problems:
            return self._questions(request, asked, scale, form, status=422, problems=form.problems)
        await self.answers.give(asked, scale, form)
        return self.pages.show(request, "thanks", mood=scale.mood(form.score), score=form.score, preferences=self._preferences(asked))

    def _questions(self, request: Request, asked: Asked, scale: Scale, form: Form, status: int = 200, **more: Any) -> Response:
        values: dict[str, Any] = {"scale": scale, "chosen": form.score, "comment": form.comment, "comment_length": COMMENT_LENGTH, "problems": []}
        return self.pages.show(request, "survey", status, preferences=self._preferences(asked), **values | more)

    def _preferences(self, asked: Asked) -> str:
        return self.entrance.token(Use.PREFERENCES, asked)
