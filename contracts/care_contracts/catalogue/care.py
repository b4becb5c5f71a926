"""Events about what Careloop and the care team did: messages, tasks, rewards."""

from pydantic import Field

from care_contracts.catalogue.data import EventData
from care_contracts.catalogue.fields import Id, Line, Number


class Message(EventData):
    """What became of a letter."""

    command_id: Id
    rule: Line | None = None
    letter: Line | None = None
    channel: Line | None = None
    reason: Line | None = None
    class_: Line | None = Field(None, alias="class", description="the kind of failure, such as address or policy")


class Task(EventData):
    """What became of a task for a person."""

    task_id: Id
    rule: Line | None = None
    team: Line | None = None
    outcome: Line | None = None
    by: Line | None = None


class Reward(EventData):
    """What the customer was given."""

    reward_id: Id
    coupon: Line | None = None
    points: Number | None = None
    rule: Line | None = None
