"""The schema of policy.yaml."""

from outreach.core.policy import PURPOSES, Policy
from outreach.playbook.editors import parts
from outreach.playbook.editors.parts import Schema
from outreach.playbook.known import KINDS


def policy_schema(policy: Policy) -> Schema:
    """What holds for every rule."""
    return parts.group("What holds for every rule. No rule can go around it.", _who() | _people() | _rest(policy))


def _who() -> Schema:
    brand = {
        "name": parts.text("Who writes.", "Northwind Records"),
        "from": parts.text("The sender's address.", "care@northwind.example"),
        "reply_to": parts.text("Where answers go.", "hello@northwind.example"),
        "address": parts.text("The postal address in the footer.", "1 Canal Street, Leeds"),
    }
    language = parts.text("A language tag.", "en", "de", "de-AT")
    return {
        "brand": parts.group("Who writes.", brand, ("name", "from")),
        "languages": parts.several(language, "Languages of the letters; the first is used for everybody else.", 1),
        "time_zone": parts.text("For customers who have not told us theirs.", "Europe/London"),
        "currency": parts.text("ISO 4217.", "GBP"),
        "prices": parts.named("What a message costs, by channel; for the backtest.", parts.number("Per message.", 0, 1_000_000, 0.0004)),
        "send_only_to": parts.several(
            parts.text("An address, or *@DOMAIN.", "*@northwind.example"), "A safety net for test systems: nobody else is written to."
        ),
    }


def _people() -> Schema:
    team = {
        "email": parts.text("The team's mailbox.", "care-team@northwind.example"),
        "webhook": parts.text("A system of `webhooks` that is called instead.", "team-chat"),
        "hours": parts.text("When somebody is there.", "mon-fri 09:00-17:30"),
    }
    hook = {
        "url": parts.text("An https address.", "https://chat.example/hooks/1"),
        "secret_env": parts.text("The environment variable that holds the signing secret; never the secret itself.", "TEAM_CHAT_SECRET"),
    }
    consents = {name: {"type": "boolean", "description": f"Whether {name} letters may be written before a customer says so."} for name in PURPOSES}
    return {
        "consents": parts.group("What holds until a customer says otherwise.", consents),
        "double_opt_in": parts.several(parts.purpose("A purpose."), "A yes to these counts once it is confirmed by mail."),
        "teams": parts.named("Who is asked by `alert`.", parts.group("Where a team is reached.", team)),
        "webhooks": parts.named("Systems that may be called.", parts.group("Where a system is reached.", hook, ("url",))),
    }


def _rest(policy: Policy) -> Schema:
    cap = parts.group(
        "At most so many in so long.", {"at_most": parts.whole("Messages.", 1, 1000, 1), "per": parts.duration("In any such span.", "72h")}, ("at_most", "per")
    )
    day = parts.choice("A day that is quiet entirely.", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
    quiet = {
        "from": parts.minute("From this time of the customer's day on.", "20:00"),
        "to": parts.minute("Until this time.", "08:00"),
        "days": parts.several(day, "Days that are quiet entirely."),
    }
    poor = parts.group("An event that counts.", {"event": parts.event_or_list(policy, "Which."), "if": parts.condition("Only if this holds.")}, ("event",))
    holdout = {
        "share": parts.number("0 to 1.", 0, 1, 0.05),
        "from": parts.several(parts.purpose("A purpose."), "Which letters they do not get."),
    }
    fields = parts.named("Fields and their kinds.", parts.choice("The kind of the values.", *KINDS))
    return {
        "events": parts.named("Further event types, each with its fields.", fields),
        "traits": fields | {"description": "Further things that are known of customers, with their kinds."},
        "poor_experiences": {"anyOf": [{"const": "default"}, parts.several(poor, "Those that count.")], "description": "What counts as a bad moment."},
        "quiet_hours": parts.group("When nobody is written to; letters wait for the end.", quiet, ("from", "to")),
        "caps": parts.group("The most that one person receives.", {name: parts.several(cap, f"For {name}.") for name in ("all", *PURPOSES)}),
        "when_capped": parts.choice("hold: wait until there is room | skip: let it go", "hold", "skip"),
        "guards": _guards(),
        "holdout": parts.group("A control group that is not written to, to measure what letters do.", holdout, ("share",)),
    }


def _guards() -> Schema:
    rest = {
        "score": parts.text("Which answers.", "<= 2"),
        "for": parts.duration("How long it is quiet then.", "14d"),
        "blocks": parts.several(parts.purpose("A purpose."), "Which letters rest."),
    }
    person = {"failures": parts.whole("From so many on.", 1, 1000, 2), "within": parts.duration("In so long.", "60d")}
    return parts.group(
        "What no rule can skip.",
        {
            "no_promotion_while": parts.condition("No promotion while this holds.", "customer.open_tickets > 0"),
            "no_survey_while": parts.condition("No survey while this holds.", "customer.open_tickets > 0"),
            "cool_off_after_low_score": parts.group("After a low score nothing is asked or sold for a while.", rest, ("score", "for")),
            "person_only_after": parts.group("After so many bad moments only a person writes.", person, ("failures", "within")),
        },
    )
