"""Random playbooks as care teams would write them: drawn as text, read by the loader that reads theirs."""

import json
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from outreach.core.rules import LetterFacts, Playbook
from outreach.playbook.cel import Language
from outreach.playbook.fields import Source
from outreach.playbook.known import Known
from outreach.playbook.policy_file import read_policy
from outreach.playbook.problems import Problems
from outreach.playbook.rule_file import read_rule
from outreach.playbook.yaml_text import parse

Written = dict[str, Any]

LETTERS = {"hello": LetterFacts(), "tips": LetterFacts(), "question": LetterFacts("csat")}
TEAMS = ("care", "leads")
TRIGGERS = ("order.placed", "order.delivered", "ticket.opened", "payment.failed", "product.used", "customer.created", "survey.answered")
OTHERS = ("order.returned", "ticket.resolved", "order.placed", "survey.answered", "product.used")
WAITS = ("1m", "4h", "1d", "3d", "10d12h")
TIMES = ("00:00", "01:30", "02:15", "09:00", "23:59", "mon 09:00", "sun 01:30")
LANGUAGE = Language()
DOUBTS = {"C018", "C023", "C029", "C030", "C031"}  # no examples, nobody reached, everything quiet: odd, and all the same to be safe

ORDERS = ("order.placed", "order.delivered")
EVENT_CONDITIONS = ("event.total >= 20", "has(event.total)", "event.total > customer.orders", 'trigger.nothing == "x"')
CONDITIONS = (
    *("customer.open_tickets > 0", "customer.orders >= 2", 'customer.health.band == "red"', 'poor("30d") >= 1', 'days_since("order.placed") > 5'),
    *('count("order.placed", "10d") > 1', 'last("survey.answered").score <= 2', "customer.points > 3", '"seen" in customer.tags', "!has(customer.points)"),
)
GUARDS = ("customer.open_tickets > 0", 'customer.health.band == "red"', 'customer.open_tickets > 0 || customer.health.band == "red"', "customer.points > 3")


@dataclass(frozen=True)
class Draft:
    """A playbook as it was written (for the model) and as it was read (for the engine)."""

    policy: Written
    rules: tuple[Written, ...]
    playbook: Playbook

    def __repr__(self) -> str:
        return f"Draft({json.dumps(self.policy)}, {json.dumps(self.rules)})"


def draft(policy: Written, rules: list[Written]) -> Draft:
    """Reads what was written, as the loader of a folder does; lint must find no more than a doubt."""
    problems = Problems()
    known = Known(
        LANGUAGE, read_policy(Source("policy.yaml", Known(LANGUAGE, Playbook("").policy), problems), parse(json.dumps(policy))), LETTERS, {"csat": {}}
    )
    read = [read_rule(Source(f"rules/{rule['id']}.yaml", known, problems), *_parsed(rule)) for rule in rules]
    assert not [problem for problem in problems.found if problem.severity == "error" and problem.code not in DOUBTS], problems.found
    return Draft(policy, tuple(rules), Playbook("v1", tuple(file.rule for file in read if file), known.policy, LETTERS))


def _parsed(rule: Written) -> tuple[Any, str]:
    text = json.dumps(rule)
    return parse(text), text


def one_of(*choices: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(choices)


def maybe(name: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Written]:
    """A key that may be left out."""
    return st.just(Written()) | values.map(lambda value: {name: value})


def joined(*parts: st.SearchStrategy[Written]) -> st.SearchStrategy[Written]:
    return st.tuples(*parts).map(lambda found: {name: value for part in found for name, value in part.items()})


conditions = st.sampled_from(CONDITIONS)
waits = st.sampled_from(WAITS)
triggers = st.sampled_from(TRIGGERS) | st.lists(st.sampled_from(TRIGGERS), min_size=2, max_size=3, unique=True)
times_of_day = one_of("00:00", "01:30", "02:15", "09:00", "12:00")

by_event = joined(st.fixed_dictionaries({"event": triggers}), maybe("if", conditions))
by_order = joined(st.fixed_dictionaries({"event": st.sampled_from(ORDERS)}), maybe("if", st.sampled_from(EVENT_CONDITIONS)))
by_silence = joined(st.fixed_dictionaries({"no": triggers, "for": one_of("1d", "12d", "30d")}), maybe("if", conditions))
by_edge = st.fixed_dictionaries({"becomes": conditions})
by_period = joined(
    st.fixed_dictionaries({"every": one_of("2d", "7d", "30d")}),
    maybe("since", one_of("customer.created_at", "order.placed")),
    maybe("at", times_of_day),
    maybe("if", conditions),
)
by_anniversary = joined(st.fixed_dictionaries({"anniversary": one_of("customer.created_at", "customer.birthday")}), maybe("at", times_of_day))
by_cron = joined(st.fixed_dictionaries({"cron": one_of("0 9 * * mon", "30 1 * * *", "15 2 * * sun", "0 0 29 2 *", "0 12 1,15 * *")}), maybe("if", conditions))
by_moment = st.fixed_dictionaries({"on": one_of("2026-03-29 01:30", "2026-10-25 01:30", "2026-11-01 00:00", "2024-02-29 09:00")})
whens = st.one_of(by_event, by_event, by_order, by_silence, by_edge, by_period, by_anniversary, by_cron, by_moment)

writes = joined(
    st.fixed_dictionaries({"send": st.sampled_from(sorted(LETTERS))}), maybe("if_not_sent", st.just("continue")), maybe("in_doubt", st.just("resend"))
)
asks = st.fixed_dictionaries(
    {"alert": joined(st.fixed_dictionaries({"to": st.just("care"), "summary": st.just("look")}), st.just({}) | st.just({"within": "4h", "escalate": "leads"}))}
)
resting = waits.map(lambda text: {"wait": text}) | st.sampled_from(TIMES).map(lambda text: {"wait_until": text})
stopping = conditions.map(lambda text: {"stop_if": text})
tagging = one_of({"tag": "seen"}, {"untag": "seen"})
simple = st.one_of(*[writes] * 5, *[resting] * 2, stopping, tagging, asks)
short_lists = st.lists(simple, min_size=1, max_size=2)
awaiting = joined(
    joined(st.fixed_dictionaries({"event": st.sampled_from(OTHERS), "within": one_of("4h", "3d", "9d")}), maybe("match", st.just("order_id"))).map(
        lambda inner: {"wait_for": inner}
    ),
    maybe("missed", short_lists),
)
choosing = joined(conditions.map(lambda text: {"if": text}), st.fixed_dictionaries({"do": short_lists}), maybe("else", short_lists))
splitting = st.fixed_dictionaries({"variant": st.fixed_dictionaries({"a": short_lists, "b": short_lists})})
steps = st.lists(st.one_of(simple, simple, simple, awaiting, choosing, splitting), max_size=3)

cancels = st.sampled_from(OTHERS) | joined(
    st.fixed_dictionaries({"event": st.sampled_from(OTHERS)}), maybe("if", st.just("customer.orders > 1")), maybe("match", one_of("none", "order_id"))
)


@st.composite
def rules(draw: st.DrawFn, name: str) -> Written:
    """One rule that writes to the customer at least once, or asks a person."""
    when, purpose = draw(whens), draw(one_of(*["care"] * 4, *["survey", "promotion"] * 2, "service", "staff"))
    found = {"id": name, "why": "because", "purpose": purpose, "when": when, "examples": []}
    found["then"] = [*draw(steps), draw(asks if purpose == "staff" else writes), *draw(steps)]
    once = ("customer", "event", "5d") + (("event.order_id",) * 2 if when.get("event") in ORDERS else ())
    return found | draw(
        joined(
            maybe("cancel_on", st.lists(cancels, min_size=1, max_size=2)),
            maybe("once_per", st.sampled_from(once)),
            maybe("priority", one_of(10, 50, 90)),
            maybe("expires_after", one_of("2h", "1d", "30d")),
            maybe("mode", one_of(*["live"] * 6, "shadow", "off")),
            maybe("when_capped", one_of("hold", "skip")),
        )
    )


cap_lists = st.lists(st.fixed_dictionaries({"at_most": one_of(1, 2, 3), "per": one_of("4h", "1d", "3d", "30d")}), min_size=1, max_size=2)
quiet_hours = joined(
    one_of({"from": "20:00", "to": "08:00"}, {"from": "22:30", "to": "01:30"}, {"from": "01:00", "to": "02:30"}, {"from": "12:00", "to": "13:00"}),
    maybe("days", one_of(["sun"], ["sat", "sun"], ["mon"])),
)
guards = joined(
    maybe("no_promotion_while", st.sampled_from(GUARDS)),
    maybe("no_survey_while", st.sampled_from(GUARDS)),
    maybe("cool_off_after_low_score", joined(st.just({"score": "<= 2", "for": "14d"}), maybe("blocks", one_of(["care"], ["survey"], ["promotion", "survey"])))),
    maybe("person_only_after", st.fixed_dictionaries({"failures": one_of(1, 2, 4), "within": one_of("3d", "60d")})),
)
policies = joined(
    st.just({"traits": {"points": "number"}, "teams": {team: {"email": f"{team}@example.com"} for team in TEAMS}}),
    maybe("time_zone", one_of("Europe/London", "Asia/Kathmandu")),
    maybe("consents", one_of(*[{"promotion": True}] * 3, {"promotion": True, "survey": False})),
    maybe("quiet_hours", quiet_hours),
    maybe("caps", st.dictionaries(one_of("all", "all", "survey", "care", "promotion"), cap_lists, min_size=1, max_size=2)),
    maybe("when_capped", one_of("hold", "skip")),
    maybe("guards", guards),
    maybe("holdout", st.fixed_dictionaries({"share": one_of(0.0, 0.1, 1.0), "from": one_of(["promotion"], ["survey"])})),
)


@st.composite
def drafts(draw: st.DrawFn, most: int = 6) -> Draft:
    """A whole playbook of up to `most` rules."""
    many = draw(st.integers(2, most))
    return draft(draw(policies), [draw(rules(f"rule-{number}")) for number in range(many)])
