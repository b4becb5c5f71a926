"""Events in which the customer speaks: tickets, chats, calls, reviews, mentions, surveys."""

from typing import Annotated, Any

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from care_contracts.catalogue.data import EventData
from care_contracts.catalogue.fields import Amount, Flag, Id, Line, Number, PersonalLine, PersonalText, Rating, Text, Url
from care_contracts.catalogue.shapes import PROBLEM, Shape, one_of

SCALES = {"csat": (1, 5), "nps": (0, 10), "ces": (1, 7), "thumbs": (0, 1)}


class TicketOpened(EventData):
    """The customer asks for help."""

    ticket_id: Id
    subject: Line | None = None
    text: PersonalText | None = None
    priority: Annotated[str, one_of("low", "normal", "high", "urgent")] | None = None
    channel: Annotated[str, one_of("email", "phone", "chat", "social", "web")] | None = None
    order_id: Id | None = None


class TicketReplied(EventData):
    """Somebody wrote in the ticket."""

    ticket_id: Id
    by: Annotated[str, one_of("agent", "customer")] | None = None
    text: PersonalText | None = None


class TicketSettled(EventData):
    """The ticket's state changed."""

    ticket_id: Id
    resolution: Text | None = None
    agent: Line | None = None


class Conversation(EventData):
    """A conversation is over."""

    agent: Line | None = None
    waiting_s: Amount | None = Field(None, description="seconds until somebody answered")
    duration_s: Amount | None = Field(None, description="seconds it took")
    resolved: Flag | None = None
    text: PersonalText | None = None


class ChatEnded(Conversation):
    """A chat is over."""

    chat_id: Id


class CallEnded(Conversation):
    """A call is over."""

    call_id: Id


class ReviewPosted(EventData):
    """The customer wrote a review."""

    review_id: Id
    rating: Rating | None = None
    product: Line | None = None
    text: PersonalText | None = None
    site: Line | None = None
    url: Url | None = None


class SocialMentioned(EventData):
    """The customer spoke about us in public."""

    mention_id: Id
    network: Line | None = None
    text: PersonalText | None = None
    url: Url | None = None
    author: PersonalLine | None = None


class SurveyAnswered(EventData):
    """The customer told us how it was."""

    survey: Id
    kind: Annotated[str, one_of("csat", "nps", "ces", "thumbs", "text")]
    score: Number = Field(description="csat 1 to 5, nps 0 to 10, ces 1 to 7, thumbs 0 or 1")
    comment: PersonalText | None = None
    command_id: Id | None = Field(None, description="the letter that asked")
    rule: Line | None = None
    letter: Line | None = None
    order_id: Id | None = None
    ticket_id: Id | None = None

    @field_validator("score")
    @classmethod
    def _on_its_scale(cls, score: float, info: ValidationInfo) -> Any:
        low, high = SCALES.get(info.data.get("kind", ""), (score, score))
        if not low <= score <= high:
            shape = Shape("number", f"a number from {low} to {high}, the scale of {info.data['kind']}", spoken=True)
            raise PydanticCustomError(PROBLEM, "not on the scale", {"shape": shape})
        return score


class SurveyOpened(EventData):
    """The customer looked at a survey."""

    survey: Id
    command_id: Id | None = None
