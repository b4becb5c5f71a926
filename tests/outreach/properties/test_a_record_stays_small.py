"""A customer's record stays below a bound whatever is told of them: it must fit into one record of the changelog (1 MiB on a broker as it comes).

CARELOOP_DEEP=N tells N times as many hostile lives (tests/conftest.py).
"""

from collections.abc import Sequence
from typing import Any

from care_contracts.playbooks import activation
from care_contracts.records import Event
from hypothesis import given, settings
from outreach.core.rules import Playbook
from outreach.stream.codec import Stored, pack

from tests.conftest import DEEP
from tests.outreach.properties.cases import Case, cases
from tests.outreach.properties.lives import BEGINNINGS, DAY, HOUR, KINDS, MINUTE, begun, data_of
from tests.outreach.properties.playbooks import Written, draft

MOST_BYTES = 768 * 1024
LONG = "ü€\U0001f600" * 4000
STEPS: list[Written] = [{"wait": "300d"}, {"wait_for": {"event": "product.used", "within": "300d"}}, {"wait": "300d"}, {"send": "hello"}]
RULES: list[Written] = [
    {"id": "kept", "why": "because", "purpose": "care", "examples": [], "when": {"event": "product.used"}, "then": [{"wait": "1000d"}, {"send": "hello"}]},
    {"id": "answered", "why": "because", "purpose": "service", "examples": [], "when": {"event": "order.placed"}, "then": STEPS, "once_per": "event.order_id"},
    {"id": "asked", "why": "because", "purpose": "staff", "examples": [], "when": {"event": "order.delivered"}}
    | {"then": [{"alert": {"to": "care", "summary": "look", "within": "4h", "escalate": "leads"}}]},
]
PATIENT = [draft({}, RULES).playbook]


def hostile(kind: str, number: int) -> dict[str, Any]:
    """An event's data, and beside them everything that is long, wide or nobody's business; every name is another one each time."""
    names = {f"{LONG[:200]}{number}-{place}": 10**12 + place for place in range(40)} | {f"f{number}-{place}": LONG for place in range(40)}
    odd = {"ticket_id": f"{LONG}{number}", "task_id": f"{LONG}{number}", "order_id": f"{LONG}{number}", "kind": f"kind{number}{LONG}", "score": 1}
    odd |= {"purpose": f"purpose{number}{LONG}", "granted": False, "rule": LONG, "email": f"{LONG}{number}", "command_id": LONG}
    nested = {"items": [{f"{LONG[:300]}{place}": LONG for place in range(50)}] * 50}
    return (names | nested | odd) if number % 3 else (data_of(kind, number, []) | names | nested)


def swollen(playbooks: Sequence[Playbook], kinds: list[str], many: int) -> int:
    """The size of the record (bytes) after `many` such events, before it is deflated; another version becomes active every now and then."""
    life, now = begun(playbooks), BEGINNINGS[0]
    for number in range(many):
        now += 7 * HOUR + MINUTE
        kind = kinds[number % len(kinds)] if number % 2 else f"{LONG}{number % 100}" if number % 4 else f"type.{number % 100}"
        life.take(Event(f"{LONG[:300]}{number}", "shop", kind, "c1", now - (number % 5) * DAY, now, hostile(kind, number)))
        if number % 29 == 28 and len(playbooks) > 1:
            life.take(activation(playbooks[number % len(playbooks)].version, "", now))
        life.events.clear()
    return len(pack(Stored(None, life.customer)))


def test_thousands_of_hostile_events_leave_a_small_record() -> None:
    kinds = [kind for kind in dict.fromkeys(KINDS) if kind not in ("again", "playbook", "customer.deleted")]
    assert swollen(PATIENT, kinds, 3000 * max(1, DEEP // 10)) < MOST_BYTES


@given(cases)
@settings(max_examples=10 * max(1, DEEP))
def test_no_playbook_makes_a_record_large(case: Case) -> None:
    kinds = case.dice.choices([kind for kind in KINDS if "." in kind], k=8)
    assert swollen(case.playbooks, kinds, case.dice.randint(10, 200)) < MOST_BYTES
