"""The names that a playbook may use: events and their fields, customer traits, teams, webhooks, letters and surveys."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from care_contracts.catalogue import FIELDS, TRAITS

from outreach.core import view
from outreach.core.policy import Policy
from outreach.core.rules import LetterFacts
from outreach.playbook.cel import Language, events_in, names_in
from outreach.playbook.condition_checks import Doubt, asked_fields, misfits, windows
from outreach.playbook.problems import nearest

COMPUTED = (*view.COMPUTED, *view.SCORES, *view.LATER)
KINDS = ("string", "number", "integer", "boolean", "time", "date", "list", "object")  # of the values of declared events and traits
ENVELOPE = ("type", "time", "id")
_NOTHING = {"answer": "no event was waited for", "event": "no event is being looked at"}
_NUMBERS = ("orders", "spent", "points", "open_tickets", "care_balance", "nps", "csat", "ces", "alive")
COMPUTED_KINDS = dict.fromkeys(_NUMBERS, "number") | {"id": "string", "language": "string", "tags": "list", "health": "object"}


@dataclass(frozen=True)
class Known:
    """Everything that a rule may refer to. Further events and traits are declared in policy.yaml."""

    language: Language
    policy: Policy
    letters: Mapping[str, LetterFacts] = field(default_factory=dict)
    surveys: Mapping[str, object] = field(default_factory=dict)
    pools: frozenset[str] = frozenset()

    @property
    def events(self) -> Mapping[str, Mapping[str, object]]:
        """Event types with their fields."""
        return {**FIELDS, **self.policy.events}

    @property
    def traits(self) -> frozenset[str]:
        """What a condition or a letter may name of a customer."""
        return frozenset((*TRAITS, *self.policy.traits, *COMPUTED))

    def fields_of(self, types: tuple[str, ...]) -> frozenset[str]:
        """The fields that at least one of the event types has."""
        return frozenset(name for event_type in types for name in self.events.get(event_type, ())) | frozenset(ENVELOPE)

    def doubts(self, source: str, variables: frozenset[str], types: tuple[str, ...]) -> Iterator[Doubt]:
        """What a condition names that cannot be there: (column, code, message, suggestion). `answer` and `trigger` are judged loosely."""
        for variable, name, column in names_in(source):
            if variable != "customer" and variable not in variables:
                yield column, "C017", f"`{variable}` has no meaning here, because {_NOTHING.get(variable, 'no event began this')}", ""
            elif variable == "customer" and name not in self.traits:
                yield column, "C014", f'unknown field "customer.{name}"', self._close(variable, name, self.traits)
            elif variable == "event" and any(event_type in self.events for event_type in types) and name not in self.fields_of(types):
                yield column, "C014", f'unknown field "event.{name}"', self._close(variable, name, self.fields_of(types))
        for name, column in events_in(source):
            if name not in self.events:
                yield column, "C008", f'unknown event "{name}"', nearest(name, self.events)
        yield from misfits(source, lambda root, name: self._kinds(root, name, types if "event" in variables else ()))
        yield from windows(source)
        yield from asked_fields(source, self.events)

    def _kinds(self, root: str, name: str, types: tuple[str, ...]) -> frozenset[str]:
        """The kinds that a field has, as far as they are known."""
        places = [{**TRAITS, **COMPUTED_KINDS, **self.policy.traits}] if root == "customer" else [self.events.get(event_type, {}) for event_type in types]
        return frozenset(str(fields[name]) for fields in places if fields.get(name) in KINDS)

    def _close(self, variable: str, name: str, names: frozenset[str]) -> str:
        near = nearest(name, sorted(names))
        return f"{variable}.{near}" if near else ""
