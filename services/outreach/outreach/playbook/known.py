"""The names that a playbook may use: events and their fields, customer traits, teams, webhooks, letters and surveys."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

from care_contracts.catalogue import BY_NAME, FIELDS, TRAITS, field_notes
from pydantic import BaseModel

from outreach.core import view
from outreach.core.policy import Policy
from outreach.core.rules import LetterFacts
from outreach.playbook.cel import Language, events_in, names_in
from outreach.playbook.cel_tree import Part
from outreach.playbook.condition_checks import Doubt, asked_fields, windows
from outreach.playbook.kind_checks import known_kinds, misfits, plainly
from outreach.playbook.problems import nearest

COMPUTED = (*view.COMPUTED, *view.SCORES, *view.LATER)
KINDS = ("string", "number", "integer", "boolean", "time", "date", "list", "object")  # of the values of declared events and traits
ENVELOPE = ("type", "time", "id")
_NOTHING = {"answer": "no event was waited for", "event": "no event is being looked at"}
_NUMBERS = ("orders", "spent", "points", "open_tickets", "care_balance", "nps", "csat", "ces", "alive")
_ENVELOPE_KINDS = {"type": "string", "id": "string"}
_ANSWERS = {"sum": "number", "last": "object"}
_HEALTH = {"score": "number", "band": "string", "reasons": "list"}
COMPUTED_KINDS = dict.fromkeys(_NUMBERS, "number") | {"id": "string", "language": "string", "tags": "list", "health": "object"}


@dataclass(frozen=True)
class Known:
    """Everything that a rule may refer to. Further events and traits are declared in policy.yaml."""

    language: Language
    policy: Policy
    letters: Mapping[str, LetterFacts] = field(default_factory=dict)
    surveys: Mapping[str, object] = field(default_factory=dict)
    pools: frozenset[str] = frozenset()

    @cached_property
    def events(self) -> Mapping[str, Mapping[str, object]]:
        """Event types with their fields."""
        return {**FIELDS, **self.policy.events}

    @cached_property
    def traits(self) -> frozenset[str]:
        """What a condition or a letter may name of a customer."""
        return frozenset((*TRAITS, *self.policy.traits, *COMPUTED))

    @cached_property
    def trait_kinds(self) -> Mapping[str, object]:
        """The traits with the kinds of their values, as far as they are known."""
        return {**TRAITS, **COMPUTED_KINDS, **self.policy.traits}

    def fields_of(self, types: tuple[str, ...]) -> frozenset[str]:
        """The fields that at least one of the event types has."""
        return frozenset(name for event_type in types for name in self.events.get(event_type, ())) | frozenset(ENVELOPE)

    def may_lack(self, types: tuple[str, ...], name: str) -> bool:
        """Whether one of the catalogued event types may come without the field; of those that policy.yaml declares nothing is known."""
        models = [BY_NAME[event_type].model for event_type in types if event_type in BY_NAME]
        return name not in ENVELOPE and any(name not in _required(model) for model in models)

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
        yield from windows(source)
        yield from asked_fields(source, self.events)

    def misfits(self, tree: Part, types: tuple[str, ...]) -> Iterator[Doubt]:
        """What a condition does with values of a kind that they never are; its `event` is one of `types`."""
        return misfits(tree, lambda part: self._kinds_of(part, types))

    def _kinds_of(self, part: Part, types: tuple[str, ...]) -> frozenset[str]:
        """The kinds that a part of a condition has, none where they are not known."""
        match part:
            case Part("field", name, (Part("name", "customer"),)):
                return self._kinds(name, [self.trait_kinds])
            case Part("field", name, (Part("field", "health", (Part("name", "customer"),)),)):
                return self._kinds(name, [_HEALTH])
            case Part("field", name, (Part("name", "event"),)):
                return self._kinds(name, [{**self.events.get(event_type, {}), **_ENVELOPE_KINDS} for event_type in types])
            case Part("field", name, (Part("call", "last", (Part("constant", event_type),)),)):
                return self._kinds(name, [{**self.events.get(event_type, {}), **_ENVELOPE_KINDS}])
        return known_kinds(part, _ANSWERS)

    def _kinds(self, name: str, places: Sequence[Mapping[str, object]]) -> frozenset[str]:
        return frozenset(plainly(str(fields[name])) for fields in places if fields.get(name) in KINDS)

    def _close(self, variable: str, name: str, names: frozenset[str]) -> str:
        near = nearest(name, sorted(names))
        return f"{variable}.{near}" if near else ""


@cache
def _required(model: type[BaseModel]) -> frozenset[str]:
    return frozenset(note.name for note in field_notes(model) if note.required)
