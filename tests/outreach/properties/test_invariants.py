"""What must hold whatever happens and whatever rules say."""

from collections import Counter
from collections.abc import Set as AbstractSet
from typing import Any

import msgspec
from care_contracts.reasons import Reason, Verdict
from care_contracts.records import Command, Decision, Event
from care_contracts.wire import encode_command, encode_decision
from hypothesis import given, settings
from hypothesis import strategies as st
from outreach.core.calendar import quiet_until
from outreach.core.customer import Customer
from outreach.core.decide import Tick, decide
from outreach.core.policy import Cap, CoolOff, PersonOnly, Policy, QuietHours
from outreach.core.rules import Alert, Cancel, LetterFacts, OncePer, OnEdge, OnEvent, OnPeriod, OnSilence, Playbook, Rule, Send, Wait, WaitFor
from outreach.stream.codec import Stored
from outreach.stream.codec import decode as decode_stored
from outreach.stream.codec import encode as encode_stored

HOUR = 3_600_000
DAY = 24 * HOUR
START = 20_000 * DAY
TYPES = (
    *("order.placed", "order.delivered", "order.returned", "ticket.opened", "ticket.resolved"),
    *("payment.failed", "survey.answered", "consent.changed", "customer.updated", "task.closed"),
)
QUIET = QuietHours(20 * 60, 8 * 60)
POLICY = Policy(
    quiet_hours=QUIET,
    caps={"all": (Cap(1, 3 * DAY), Cap(3, 30 * DAY)), "survey": (Cap(1, 30 * DAY),)},
    cool_off=CoolOff(),
    person_only=PersonOnly(2, 60 * DAY),
)


class Trouble:
    source = 'poor("90d") >= 2'

    def __call__(self, scope: Any) -> bool:
        return bool(scope.customer.poor(90 * DAY) >= 2)


WELCOME = (Send("0", "welcome"), Wait("1", 3 * DAY), Send("2", "tips"))
ASK = (Wait("0", 2 * DAY), Send("1", "ask"), WaitFor("2", ("survey.answered",), 7 * DAY, 3))
RULES = (
    Rule("welcome", "", "care", OnEvent(("order.placed",)), WELCOME, once_per=OncePer.CUSTOMER, priority=80),
    Rule("ask", "", "survey", OnEvent(("order.delivered",)), ASK, cancel_on=(Cancel("order.returned"),)),
    Rule("miss-you", "", "care", OnSilence(("order.placed",), 60 * DAY), (Send("0", "miss-you"),)),
    Rule("at-risk", "", "staff", OnEdge(Trouble()), (Alert("0", "care", "please look", 4 * HOUR, "leads"),), priority=90),
    Rule("check", "", "care", OnPeriod(90 * DAY, minute=600), (Send("0", "check"),), when_capped="skip"),
    Rule("receipt", "", "service", OnEvent(("order.placed",)), (Send("0", "receipt"),)),
)
LETTERS = ("welcome", "tips", "ask", "miss-you", "check", "receipt")
PLAYBOOK = Playbook("v1", RULES, POLICY, {name: LetterFacts("csat" if name == "ask" else "") for name in LETTERS})


def data_of(event_type: str, number: int) -> dict[str, Any]:
    """Fields for every type at once: each reads its own."""
    shared = {"order_id": f"A{number % 3}", "ticket_id": f"T{number % 3}", "priority": "high", "total": number}
    shared |= {"event": event_type, "score": number % 6, "kind": "csat"}
    return shared | {
        "purpose": ("care", "survey")[number % 2],
        "granted": number % 3 > 0,
        "time_zone": ("Europe/Berlin", "America/New_York", "Asia/Kolkata")[number % 3],
    }


@st.composite
def logs(draw: st.DrawFn) -> list[Event]:
    steps = draw(st.lists(st.tuples(st.sampled_from(TYPES), st.integers(0, 20 * 24), st.integers(0, 50)), min_size=1, max_size=25))
    moment, events = START, [Event("e0", "shop", "customer.created", "c1", START, START, {"email": "ann@example.com"})]
    for number, (event_type, hours, value) in enumerate(steps, 1):
        moment += hours * HOUR + value * 60_000
        events.append(Event(f"e{number}", "shop", event_type, "c1", moment - (value % 5) * HOUR, moment, data_of(event_type, value)))
    return events


def play(events: list[Event], ticks: AbstractSet[int] = frozenset(), *, stored: bool = False) -> tuple[Customer, list[Command], list[Decision]]:
    """The log, with a tick before the events in `ticks`, and with the state written and read again after each where `stored`."""
    customer, commands, decisions = Customer("c1"), list[Command](), list[Decision]()
    for number, event in enumerate(events):
        happenings: list[Event | Tick] = [Tick(event.recorded - 1), event] if number in ticks else [event]
        for happening in happenings:
            decided = decide(customer, happening, PLAYBOOK)
            customer = decode_stored(encode_stored(Stored(None, decided.customer))).customer if stored else decided.customer
            commands += decided.commands
            decisions += decided.decisions
    return customer, commands, decisions


def to_the_end(customer: Customer) -> tuple[Customer, list[Command], list[Decision]]:
    decided = decide(customer, Tick(START + 3_000 * DAY), PLAYBOOK)
    return decided.customer, list(decided.commands), list(decided.decisions)


def as_bytes(commands: list[Command], decisions: list[Decision]) -> list[bytes]:
    return [encode_command(command) for command in commands] + [encode_decision(decision) for decision in decisions]


@given(logs(), st.sets(st.integers(0, 25)))
@settings(max_examples=150, deadline=None)
def test_ticks_and_stored_state_never_change_what_is_decided(events: list[Event], ticks: set[int]) -> None:
    plain = play(events)
    ticked = play(events, ticks, stored=True)
    assert as_bytes(*plain[1:]) == as_bytes(*ticked[1:])
    assert encode_stored(Stored(None, plain[0])) == encode_stored(Stored(None, ticked[0]))


@given(logs(), st.lists(st.integers(0, 25), max_size=10))
@settings(max_examples=100, deadline=None)
def test_repeated_events_never_change_the_set_of_commands(events: list[Event], again: list[int]) -> None:
    repeated = [copy for number, event in enumerate(events) for copy in [event] * (1 + again.count(number))]
    assert {c.command_id for c in play(events)[1]} == {c.command_id for c in play(repeated)[1]}


@given(logs())
@settings(max_examples=150, deadline=None)
def test_no_rule_gets_around_caps_quiet_hours_and_consent(events: list[Event]) -> None:
    customer, commands, _ = play(events)
    letters = [c for c in commands + to_the_end(customer)[1] if c.kind == "send"]
    capped = sorted(c.at for c in letters if c.purpose != "service")
    for cap in POLICY.caps["all"]:
        for place in range(len(capped) - cap.at_most):
            assert capped[place + cap.at_most] - capped[place] >= cap.per
    for letter in letters:
        if letter.purpose != "service":
            assert quiet_until(letter.at, str(letter.context["customer"].get("time_zone", "UTC")), QUIET) is None
        assert letter.at <= letter.not_after


@given(logs())
@settings(max_examples=100, deadline=None)
def test_every_command_goes_out_once_and_everything_held_ends_in_sent_or_one_reason(events: list[Event]) -> None:
    customer, commands, decisions = play(events)
    rest, more_commands, more_decisions = to_the_end(customer)
    assert max(Counter(c.command_id for c in commands + more_commands).values(), default=0) <= 1
    settled = [d for d in decisions + more_decisions if d.verdict in {Verdict.SENT, Verdict.SKIPPED}]
    held = {d.command_id for d in decisions + more_decisions if d.verdict is Verdict.HELD}
    assert held <= {d.command_id for d in settled} | cancelled(decisions + more_decisions)
    assert all(d.reason is not None for d in settled if d.verdict is Verdict.SKIPPED)
    assert not [instance for instance in rest.instances if instance.held_by]


def cancelled(decisions: list[Decision]) -> set[str]:
    ended = {(d.rule, d.occurrence) for d in decisions if d.reason in {Reason.CANCELLED, Reason.ERASED}}
    return {d.command_id for d in decisions if (d.rule, d.occurrence) in ended}


WIDE = {f"field{number}": 10**12 + number for number in range(2000)} | {f"text{number}": "ü" * 2000 for number in range(50)}


@given(st.lists(st.tuples(st.sampled_from((*TYPES, "a.b", "c.d")), st.integers(0, 100_000)), min_size=100, max_size=200))
@settings(max_examples=5, deadline=None)
def test_a_record_stays_small_whatever_happens(steps: list[tuple[str, int]]) -> None:
    customer, moment = Customer("c1", traits={"email": "ann@example.com"}), START
    for number, (event_type, value) in enumerate(steps):
        moment += HOUR
        named = event_type if event_type in TYPES else f"{event_type}{value}"
        event = Event(f"e{number}", "shop", named, "c1", moment, moment, data_of(event_type, value) | WIDE)
        customer = decide(customer, event, PLAYBOOK).customer
    assert len(msgspec.msgpack.encode(customer)) < 400_000
