"""Random playbooks as care teams would write them: every number stands for a rule or a policy, and the loader reads its text."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

from outreach.core.policy import Policy
from outreach.core.rules import LetterFacts, Playbook, Rule
from outreach.playbook.cel import Language
from outreach.playbook.fields import Source
from outreach.playbook.known import Known
from outreach.playbook.policy_file import read_policy
from outreach.playbook.problems import Problems
from outreach.playbook.rule_file import read_rule
from outreach.playbook.yaml_text import parse

from tests.conftest import DEEP

Written = dict[str, Any]

POOL = 400 * max(1, DEEP)
LETTERS = {"hello": LetterFacts(), "tips": LetterFacts(), "question": LetterFacts("csat")}
TEAMS = ("care", "leads")
POOLS = frozenset({"thanks"})
ORDERS = ("order.placed", "order.delivered")
TRIGGERS = (*ORDERS * 3, "ticket.opened", "payment.failed", "product.used", "customer.created", "survey.answered")
OTHERS = ("order.returned", "ticket.resolved", "order.placed", "survey.answered", "product.used")
WAITS = ("1m", "4h", "1d", "3d", "10d12h")
TIMES = ("00:00", "01:30", "02:15", "09:00", "23:59", "mon 09:00", "sun 01:30")
LANGUAGE = Language()
DOUBTS = {"C018", "C023", "C029", "C030", "C031", "C044", "C046"}  # no examples, nobody reached, everything quiet: odd, and all the same to be safe

ORDER_CONDITIONS = ("event.total >= 20", "has(event.total)", "event.total > customer.orders", 'trigger.nothing == "x"')
CONDITIONS = (
    *("customer.open_tickets > 0", "customer.orders >= 2", 'customer.health.band == "red"', 'poor("30d") >= 1', 'days_since("order.placed") > 5'),
    *(
        'count("order.placed", "10d") > 1',
        'last("survey.answered").score <= 2',
        "customer.stamps > 3",
        '"seen" in customer.tags',
        "!has(customer.stamps)",
        "customer.points >= 10",
    ),
)
GUARDS = ("customer.open_tickets > 0", 'customer.health.band == "red"', 'customer.open_tickets > 0 || customer.health.band == "red"', "customer.stamps > 3")
ALWAYS: Written = {"traits": {"stamps": "number"}, "teams": {team: {"email": f"{team}@example.com"} for team in TEAMS}} | {
    "webhooks": {"desk": {"url": "https://desk.example.com/calls", "secret_env": "DESK_SECRET"}}
}


@dataclass(frozen=True)
class Draft:
    """A playbook as it was written (for the model) and as it was read (for the engine)."""

    policy: Written
    rules: tuple[Written, ...]
    playbook: Playbook

    def __repr__(self) -> str:
        return f"Draft({json.dumps(self.policy)}, {json.dumps(self.rules)})"


def draft(policy: Written, written: Iterable[Written], version: str = "v1") -> Draft:
    """Reads what was written, as the loader of a folder does; lint must find no more than a doubt."""
    rules = tuple(written)
    return Draft(policy, rules, Playbook(version, tuple(_read_rule(json.dumps(rule)) for rule in rules), _read_policy(json.dumps(ALWAYS | policy)), LETTERS))


@cache
def _read_policy(text: str) -> Policy:
    problems = Problems()
    policy = read_policy(Source("policy.yaml", Known(LANGUAGE, Policy()), problems, text), parse(text))
    _no_more_than_doubts(problems)
    return policy


@cache
def _read_rule(text: str) -> Rule:
    problems = Problems()
    known = Known(LANGUAGE, _read_policy(json.dumps(ALWAYS)), LETTERS, {"csat": {}}, POOLS)
    file = read_rule(Source(f"rules/{json.loads(text)['id']}.yaml", known, problems, text), parse(text), text)
    _no_more_than_doubts(problems)
    assert file
    return file.rule


def _no_more_than_doubts(problems: Problems) -> None:
    assert not [problem for problem in problems.found if problem.severity == "error" and problem.code not in DOUBTS], problems.found


class Pen(Random):
    """Writes rules and policies at random."""

    def some(self, **keys: Any) -> Written:
        """Each key half the time; a value may be a list of choices."""
        return {name: self.choice(choices) for name, choices in keys.items() if self.random() < 0.5}

    def sometimes(self, written: Written, share: float = 0.5) -> Written:
        return written if self.random() < share else {}

    def when(self) -> Written:
        day, asking = {"at": ["00:00", "01:30", "02:15", "09:00", "12:00"]}, {"if": CONDITIONS}
        triggers = self.choice([self.choice(TRIGGERS), [*dict.fromkeys(self.sample(TRIGGERS, 3))]])
        forms: tuple[Written, ...] = (
            *[{"event": triggers} | self.some(**asking)] * 3,
            *[{"event": self.choice(ORDERS)} | self.some(**{"if": ORDER_CONDITIONS})] * 3,
            {"no": triggers, "for": self.choice(["1d", "12d", "30d"])} | self.some(**asking),
            {"becomes": self.choice(CONDITIONS)},
            {"every": self.choice(["2d", "7d", "30d"])} | self.some(since=["customer.created_at", "order.placed"], **day, **asking),
            {"anniversary": self.choice(["customer.created_at", "customer.birthday"])} | self.some(**day, **asking),
            {"cron": self.choice(["0 9 * * mon", "30 1 * * *", "15 2 * * sun", "0 0 29 2 *", "0 12 1,15 * *"])} | self.some(**asking),
            {"on": self.choice(["2026-03-29 01:30", "2026-10-25 01:30", "2026-11-01 00:00", "2024-02-29 09:00"])} | self.some(**asking),
        )
        return self.choice(forms)

    def send(self) -> Written:
        return {"send": self.choice(sorted(LETTERS))} | self.some(if_not_sent=["continue"], in_doubt=["resend"])

    def alert(self) -> Written:
        return {"alert": {"to": "care", "summary": "look"} | self.sometimes({"within": "4h", "escalate": "leads"})}

    def gift(self) -> Written:
        return {"reward": self.choice([{"coupon": "thanks"}, {"points": self.choice([1, 10, 10**6])}])}

    def step(self) -> Written:
        """A step without others inside."""
        rests = ({"wait": self.choice(WAITS)}, {"wait_until": self.choice(TIMES)})
        others = [{"stop_if": self.choice(CONDITIONS)}, {"tag": "seen"}, {"untag": "seen"}, {"webhook": "desk"}, self.gift(), self.gift(), self.alert()]
        return self.choice([*[self.send()] * 10, *rests * 2, *self.sample(others, self.randint(1, 4))])

    def few(self) -> list[Written]:
        return [self.step() for _ in range(self.randint(1, 2))]

    def steps(self) -> list[Written]:
        awaited = {"event": self.choice(OTHERS), "within": self.choice(["4h", "3d", "9d"])} | self.some(match=["order_id"])
        nested = (
            {"wait_for": awaited} | self.sometimes({"missed": self.few()}),
            {"if": self.choice(CONDITIONS), "do": self.few()} | self.sometimes({"else": self.few()}),
            {"variant": {"a": self.few(), "b": self.few()}},
        )
        return [self.choice([*[self.step()] * 5, *nested]) for _ in range(self.randint(0, 3))]

    def rule(self, name: str) -> Written:
        """One rule that writes to the customer, or asks a person."""
        purpose, when = self.choice([*["care"] * 4, *["survey", "promotion"] * 2, self.choice(["service", "staff"])]), self.when()
        once = ["customer", "event", "5d"] + ["event.order_id"] * (2 if when.get("event") in ORDERS else 0)
        cancel = {"event": self.choice(OTHERS)} | self.some(**{"if": ["customer.orders > 1"]}, match=["none", "order_id"])
        return {
            "id": name,
            "why": "because",
            "purpose": purpose,
            "when": when,
            "examples": [],
            "then": [*self.steps(), self.alert() if purpose == "staff" else self.send(), *self.steps()],
            **self.some(
                cancel_on=[[self.choice(OTHERS)], [cancel], [cancel, self.choice(OTHERS)]],
                once_per=once,
                priority=[10, 50, 90],
                expires_after=["2h", "1d", "30d"],
                mode=[*["live"] * 6, "shadow", "off"],
                when_capped=["hold", "skip"],
            ),
        }

    def caps(self) -> list[Written]:
        return [{"at_most": self.choice([1, 1, 2, 3]), "per": self.choice(["4h", "1d", "3d", "30d"])} for _ in range(self.randint(1, 2))]

    def policy(self) -> Written:
        hours = [("20:00", "08:00"), ("22:30", "01:30"), ("01:00", "02:30"), ("12:00", "13:00")]
        begin, end = self.choice(hours)
        rest = {"score": "<= 2", "for": "14d"} | self.some(blocks=[["care"], ["survey"], ["promotion", "survey"]])
        return (
            ALWAYS
            | self.sometimes({"consents": {"promotion": True, "survey": self.random() < 0.9}}, 0.8)
            | self.some(
                time_zone=["Europe/London", "Asia/Kathmandu"],
                quiet_hours=[{"from": begin, "to": end} | self.some(days=[["sun"], ["sat", "sun"], ["mon"]])],
                caps=[{name: self.caps() for name in self.sample(["all", "survey", "care", "promotion"], self.randint(1, 2))}],
                when_capped=["hold", "skip"],
                guards=[
                    self.some(
                        no_promotion_while=GUARDS,
                        no_survey_while=GUARDS,
                        cool_off_after_low_score=[rest],
                        person_only_after=[{"failures": self.choice([1, 2, 4]), "within": self.choice(["3d", "60d"])}],
                    )
                ],
                holdout=[{"share": self.choice([0.0, 0.1, 0.1, 1.0]), "from": self.choice([["promotion"], ["survey"]])}],
            )
        )


def rule_number(number: int, edition: int = 0) -> Written:
    """The rule that this number stands for, in one of its editions; 0 is the simplest."""
    plain = {"id": "rule-0", "why": "because", "purpose": "care", "when": {"event": "order.placed"}, "then": [{"send": "hello"}], "examples": []}
    return Pen(number + edition * POOL).rule(f"rule-{number}") if number or edition else plain


def policy_number(number: int) -> Written:
    """The policy that this number stands for; 0 asks for nothing."""
    return Pen(-number).policy() if number else ALWAYS


def drafts_by(dice: Random, most: int) -> tuple[Draft, ...]:
    """A whole playbook of up to `most` rules, half the time with one or two versions that come after it."""
    policy, rules = policy_number(dice.randrange(POOL)), [rule_number(number) for number in dice.sample(range(POOL), dice.randint(1, most))]
    drafts = [draft(policy, rules)]
    for number in range(2, 2 + dice.choice((0, 0, 1, 2))):
        policy = dice.choice((policy, policy_number(dice.randrange(POOL))))
        rules = [*(changed for rule in rules if (changed := changed_by(dice, rule))), *[rule_number(dice.randrange(POOL, 2 * POOL))] * dice.randint(0, 1)]
        drafts.append(draft(policy, {rule["id"]: rule for rule in rules}.values(), f"v{number}"))
    return tuple(drafts)


def changed_by(dice: Random, rule: Written) -> Written | None:
    """What a later version makes of a rule: it stays, reads quite otherwise, is switched to another mode, or vanishes."""
    other = rule_number(int(rule["id"].removeprefix("rule-")), dice.randint(1, 2))
    return dice.choice((rule, rule, other, rule | {"mode": dice.choice(("live", "shadow", "off"))}, None))
