"""Events about the customer as such: who they are, what they agreed to, how they are doing."""

from typing import Annotated

from pydantic import Field

from care_contracts.catalogue.data import EventData
from care_contracts.catalogue.fields import Birthday, Country, Email, Flag, Id, Language, Line, Moment, Number, PersonalLine, Zone
from care_contracts.catalogue.shapes import one_of


class Customer(EventData):
    """Who they are. Any other text, number or boolean becomes a trait of the customer."""

    email: Email | None = None
    first_name: PersonalLine | None = None
    last_name: PersonalLine | None = None
    language: Language | None = Field(None, description="in which letters are written")
    time_zone: Zone | None = Field(None, description="whose nights are quiet")
    phone: PersonalLine | None = None
    birthday: Birthday | None = None
    created_at: Moment | None = Field(None, description="since when they are a customer")
    country: Country | None = None
    segment: Line | None = None
    company: Line | None = None
    anonymous_id: Id | None = Field(None, description="under which they were known before")


class CustomerDeleted(EventData):
    """Everything about the customer is erased."""

    reason: Line | None = None


class CustomerHealth(EventData):
    """The health score crossed a border."""

    score: Number | None = None
    band: Line | None = Field(None, description="green, amber or red")
    previous: Line | None = Field(None, description="the band before")
    reasons: list[Line] | None = None


class ConsentChanged(EventData):
    """What the customer wants to receive."""

    purpose: Annotated[str, one_of("care", "survey", "promotion", "service", "*")] = Field(description="the kind of letters; * means all of them")
    granted: Flag
    channel: Line | None = None
    source: Line | None = Field(None, description="where they said so")
    policy_version: Line | None = None
    confirmed: Flag | None = Field(None, description="whether somebody who reads the mailbox said so; a yes with double opt-in counts only then")
