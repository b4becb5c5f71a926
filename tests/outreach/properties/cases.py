"""A number stands for a whole case: a playbook with its versions, a life under it, and dice for whatever else a test leaves to chance.

One number, because hypothesis otherwise varies a part of an example five times before it draws another: a hundred examples would know sixteen policies.
A small number stands for a small case, so that what fails shrinks.
"""

from dataclasses import dataclass
from random import Random

from hypothesis import strategies as st
from outreach.core.rules import Playbook

from tests.outreach.properties.lives import Life, Script, lived, script_by
from tests.outreach.properties.playbooks import Draft, drafts_by

MOST_BITS = 23


@dataclass(frozen=True)
class Case:
    """What happens under which playbook, or versions of one: the first is active at the beginning."""

    drafts: tuple[Draft, ...]
    script: Script
    dice: Random

    @property
    def playbooks(self) -> tuple[Playbook, ...]:
        """The versions as the engine reads them."""
        return tuple(draft.playbook for draft in self.drafts)

    def lived(self) -> Life:
        """The life from its beginning to its last event."""
        return lived(self.playbooks, *self.script)


def case(number: int) -> Case:
    """The case of that number."""
    dice, size = Random(number), number.bit_length()  # noqa: S311 - dice, no secrets
    return Case(drafts_by(dice, 2 + size // 3), script_by(dice, 2 * size + 2), dice)


cases = st.integers(0, 2**MOST_BITS - 1).map(case)
