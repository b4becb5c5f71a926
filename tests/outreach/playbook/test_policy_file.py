"""policy.yaml: every key is read as what it means, and what cannot be meant is an error at its place."""

from typing import Any

import pytest
from outreach.core.policy import Brand, Cap, CoolOff, Holdout, OfficeHours, PersonOnly, QuietHours, Team, Webhook

DAY = 86_400_000
WHOLE = """
brand: {name: Northwind, from: care@northwind.example, reply_to: hello@northwind.example, address: "1 Canal St, Leeds"}
languages: [en, de]
time_zone: Europe/London
currency: GBP
consents: {care: true, promotion: true}
double_opt_in: [promotion]
events: {visit.booked: {branch: string, at: time}}
traits: {tier: string}
poor_experiences:
  - {event: visit.booked, if: 'event.branch == "closed" && event.type == "visit.booked"'}
prices: {email: 0.0004}
send_only_to: ["*@northwind.example"]
quiet_hours: {from: "20:00", to: "08:00", days: [sun]}
caps:
  all: [{at_most: 1, per: 72h}, {at_most: 3, per: 30d}]
when_capped: skip
guards:
  no_promotion_while: 'customer.open_tickets > 0 || customer.tier == "gone"'
  no_survey_while: 'customer.open_tickets > 0'
  cool_off_after_low_score: {score: "< 3", for: 14d, blocks: [survey]}
  person_only_after: {failures: 2, within: 60d}
holdout: {share: 0.1, from: [promotion, care]}
teams:
  care: {email: team@northwind.example, hours: "mon-fri 09:00-17:30, sat 10:00-14:00"}
  leads: {webhook: chat}
  nights: {email: nights@northwind.example, hours: "fri-mon 20:00-23:00"}
webhooks: {chat: {url: "https://chat.example/1", secret_env: CHAT_SECRET}, loyalty: {url: "https://loyalty.example/calls"}}
"""


def test_every_key_is_read_as_what_it_means(folder: Any) -> None:
    read = folder({"policy.yaml": WHOLE})
    assert [problem for problem in read.errors if problem.file == "policy.yaml"] == []
    policy = read.playbook.policy
    assert policy.brand == Brand("Northwind", "care@northwind.example", "hello@northwind.example", "1 Canal St, Leeds")
    assert (policy.languages, policy.time_zone, policy.currency) == (("en", "de"), "Europe/London", "GBP")
    assert policy.consents == {"care": True, "survey": True, "service": True, "promotion": True}
    assert (policy.double_opt_in, policy.events, policy.traits) == (
        {"promotion"},
        {"visit.booked": {"branch": "string", "at": "time"}},
        {"tier": "string"},
    )
    assert [poor.type for poor in policy.poor_experiences] == ["visit.booked"]
    assert (policy.prices, policy.send_only_to) == ({"email": 0.0004}, ("*@northwind.example",))
    assert policy.quiet_hours == QuietHours(20 * 60, 8 * 60, frozenset({6}))
    assert (policy.caps, policy.when_capped) == ({"all": (Cap(1, 3 * DAY), Cap(3, 30 * DAY))}, "skip")
    assert (policy.cool_off, policy.person_only) == (CoolOff(("<", 3), 14 * DAY, frozenset({"survey"})), PersonOnly(2, 60 * DAY))
    assert policy.holdout == Holdout(0.1, frozenset({"promotion", "care"}))
    week, saturday = OfficeHours(frozenset(range(5)), 540, 1050), OfficeHours(frozenset({5}), 600, 840)
    assert policy.teams["care"] == Team("team@northwind.example", "", (week, saturday))
    assert (policy.teams["leads"], policy.teams["nights"].hours) == (Team("", "chat"), (OfficeHours(frozenset({4, 5, 6, 0}), 1200, 1380),))
    assert policy.webhooks == {"chat": Webhook("https://chat.example/1", "CHAT_SECRET"), "loyalty": Webhook("https://loyalty.example/calls")}


# A line in place of policy.yaml's last one, and the finding that must come of it: code, column, suggestion.
MISTAKES = {
    "an unknown time zone": ("time_zone: Europe/Lundon", "C006", 12, ""),
    "a currency in words": ("currency: pounds", "C006", 11, ""),
    "a purpose that nobody confirms": ("double_opt_in: [promotions]", "C006", 17, "promotion"),
    "a consent that is neither yes nor no": ("consents: {care: maybe}", "C004", 18, ""),
    "a consent to an unknown purpose": ("consents: {cares: true}", "C006", 12, "care"),
    "a day of rest that is none": ('quiet_hours: {from: "20:00", to: "08:00", days: [sunday]}', "C006", 50, "sun"),
    "an hour that is none": ('quiet_hours: {from: "25:00", to: "08:00"}', "C016", 21, ""),
    "a cap that is no list": ("caps: {all: {at_most: 1, per: 3d}}", "C004", 13, ""),
    "a cap for nobody": ("caps: {alls: [{at_most: 1, per: 3d}]}", "C006", 8, ""),
    "a cap of no message": ("caps: {all: [{at_most: 0, per: 3d}]}", "C004", 24, ""),
    "a control group of everybody and more": ("holdout: {share: 2}", "C004", 18, ""),
    "a control group of an unknown purpose": ("holdout: {share: 0.1, from: [promo]}", "C006", 30, "promotion"),
    "a rest for an unknown purpose": ('guards: {cool_off_after_low_score: {score: "<= 2", for: 14d, blocks: [surveys]}}', "C006", 71, "survey"),
    "a score that is no comparison": ('guards: {cool_off_after_low_score: {score: "low", for: 14d}}', "C004", 44, ""),
    "a price in words": ("prices: {email: cheap}", "C004", 17, ""),
    "a price of no channel": ("prices: {emial: 0.01}", "C002", 10, "email"),
    "fields without kinds": ("events: {visit.booked: [branch]}", "C004", 24, ""),
    "a kind that is none": ("events: {visit.booked: {branch: txt}}", "C006", 33, ""),
    "a trait of no kind": ("traits: {tier: strin}", "C006", 16, "string"),
    "a team that nobody can reach": ("teams: {care: {hours: mon-fri 09:00-17:30}}", "C003", 15, ""),
    "a team with an unknown webhook": ("teams: {care: {webhook: chatt}}", "C036", 25, ""),
    "hours in words": ("teams: {care: {email: a@b.example, hours: always}}", "C016", 43, ""),
    "hours that end before they begin": ("teams: {care: {email: a@b.example, hours: mon-fri 17:30-09:00}}", "C016", 43, ""),
    "a webhook in the open": ("webhooks: {chat: {url: 'http://chat.example'}}", "C004", 24, ""),
    "a secret where its name belongs": ("webhooks: {chat: {url: 'https://chat.example', secret_env: hunter2}}", "C004", 60, ""),
    "poor experiences that nobody knows": ("poor_experiences: [{event: visit.bookd}]", "C008", 28, ""),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_what_cannot_be_meant_is_an_error_at_its_place(folder: Any, name: Any) -> None:
    line, code, column, suggestion = MISTAKES[name]
    found = folder({"policy.yaml": f"brand: {{name: N, from: a@b.example}}\n{line}\n"}).errors
    assert (code, 2, column, suggestion) in [(p.code, p.line, p.column, p.suggestion) for p in found if p.file == "policy.yaml"], found
