"""What a condition is to the core: something that can be asked about a scope; how it is written and compiled is not its business."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from outreach.core.view import View


class ConditionError(Exception):
    """The condition could not be judged, for example because a field is missing; it then counts as not met."""


@dataclass(slots=True)  # not frozen, because that costs more than judging a plain condition, and it lives for one question only
class Scope:
    """What a condition may look at: the customer, the event being judged, the one that began the rule, the answer waited for."""

    customer: View
    now: int
    event: Mapping[str, Any] | None = None
    trigger: Mapping[str, Any] | None = None
    answer: Mapping[str, Any] | None = None


class Condition(Protocol):
    """A compiled condition; `source` is what the care team wrote."""

    source: str

    def __call__(self, scope: Scope) -> bool:
        """Whether it holds; raises ConditionError when that cannot be said."""
        ...
