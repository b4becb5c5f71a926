"""The schema of a rule file."""

from care_contracts.reasons import Reason

from outreach.core.policy import Policy
from outreach.playbook.editors import parts
from outreach.playbook.editors.parts import Schema

Verbs = list[tuple[Schema, Schema]]
"""Steps: the keys that make one what it is, and those that may stand beside."""

STEPS = {"$ref": "#/definitions/steps"}
LOCAL = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}(:\d{2})?$"}


def rule_schema(policy: Policy) -> Schema:
    """A rule: one file, one id, one purpose."""
    whole = parts.group(
        "One thing that we do for a customer: when it begins, what follows, and examples that are run.",
        {
            "id": parts.text("The rule's name: that of the file, without .yaml.", "checkin-after-delivery"),
            "why": parts.text(
                "Why we do this, for the next person who wonders whether we still need it.", "Ask early, so that a small problem does not become a return."
            ),
            "purpose": parts.purpose("What kind of message it is: consent, quiet hours and caps depend on it. staff: only colleagues hear of it."),
            "when": _when(policy),
            "then": parts.several({"$ref": "#/definitions/step"}, "What follows, in order.", 1),
            "cancel_on": _cancel_on(policy),
            "once_per": parts.text(
                "What makes two moments the same occasion: customer, event, event.FIELD, or a duration such as 90d.", "event.order_id", "customer", "90d"
            ),
            "priority": parts.whole("0 to 100, 50 when not said; higher goes first when one customer has several.", 0, 100, 50),
            "expires_after": parts.duration("So long after its due moment a message is still of use; later it is not sent. 7d when not said.", "2d"),
            "when_capped": parts.choice("When the customer has received enough: hold it until there is room, or skip it.", "hold", "skip"),
            "why_you_get_this": parts.text("Shown in the letter's footer.", "You ordered from us."),
            "mode": parts.choice("live | shadow: decide and record, write to nobody | off", "live", "shadow", "off"),
            "examples": parts.several(_example(policy), "At least one that shows what the rule does, and one that shows what it leaves alone.", 2),
        },
        ("id", "why", "purpose", "when", "then", "examples"),
    )
    return whole | {"definitions": {"steps": parts.several({"$ref": "#/definitions/step"}, "Steps, in order."), "step": _step(policy)}}


def _when(policy: Policy) -> Schema:
    holds = parts.condition("It begins only if this holds.", "customer.orders >= 1")
    at = parts.minute("At this time of the customer's day.", "09:00")
    forms = {
        "such an event arrives": ({"event": parts.event_or_list(policy, "When this happens.")}, {"if": holds}),
        "nothing of it for a while": (
            {"no": parts.event_or_list(policy, "When this has not happened …"), "for": parts.duration("… for so long.", "60d")},
            {"if": holds},
        ),
        "a condition becomes true": ({"becomes": parts.condition("When this turns from false to true.", 'poor("90d") >= 3')}, {}),
        "again and again": (
            {"every": parts.duration("So often.", "90d")},
            {
                "since": parts.text("Counted from this event or customer.FIELD; the first sight of the customer when not said.", "order.placed"),
                "at": at,
                "if": holds,
            },
        ),
        "every year": ({"anniversary": parts.text("On the day of this date.", "customer.birthday", "customer.created_at")}, {"at": at, "if": holds}),
        "by the calendar": ({"cron": parts.text("Minute, hour, day, month, weekday, in the customer's time.", "0 9 * * mon")}, {"if": holds}),
        "once": ({"on": LOCAL | {"description": "At this local time of every customer.", "examples": ["2026-12-01 09:00"]}}, {"if": holds}),
    }
    whens = [parts.group(f"It begins when: {words}.", needed | more, tuple(needed)) for words, (needed, more) in forms.items()]
    return {"anyOf": whens, "description": "When the rule begins: exactly one of event, no, becomes, every, anniversary, cron, on."}


def _step(policy: Policy) -> Schema:
    verbs = [*_waiting(policy), *_choosing(), *_acting()]
    return {
        "anyOf": [parts.group(next(iter(needed)), needed | more, tuple(needed)) for needed, more in verbs],
        "description": "One step, with exactly one verb.",
    }


def _waiting(policy: Policy) -> Verbs:
    clock = {"type": "string", "pattern": "^((mon|tue|wed|thu|fri|sat|sun) )?([01][0-9]|2[0-3]):[0-5][0-9]$"}
    awaited = parts.group(
        "Goes on when this event comes.",
        {
            "event": parts.event_or_list(policy, "What is waited for."),
            "if": parts.condition("Only if this holds.", "event.score >= 4"),
            "within": parts.duration("At most so long.", "7d"),
            "match": parts.text("This field must be the same as in the event that began the rule.", "order_id"),
        },
        ("event", "within"),
    )
    return [
        ({"wait": parts.duration("Waits so long.", "3d")}, {}),
        ({"wait_until": clock | {"description": "Waits for this time of the customer's day or week.", "examples": ["09:00", "mon 09:00"]}}, {}),
        ({"wait_for": awaited}, {"missed": STEPS | {"description": "What follows when it does not come; then the rule is over."}}),
    ]


def _choosing() -> Verbs:
    arms = parts.named("Splits customers for ever, by name: {a: [steps], b: [steps]}.", STEPS) | {"minProperties": 2}
    return [
        ({"stop_if": parts.condition("Ends here if this holds.", "customer.open_tickets > 0")}, {}),
        ({"if": parts.condition("Chooses.", "customer.orders > 1"), "do": STEPS}, {"else": STEPS}),
        ({"variant": arms}, {}),
    ]


def _acting() -> Verbs:
    alert = parts.group(
        "Asks a person.",
        {
            "to": parts.text("A team of policy.yaml.", "care"),
            "summary": parts.text("What the colleague needs to know first.", "Gave us a low score. Please get in touch personally."),
            "within": parts.duration("The deadline.", "4h"),
            "escalate": parts.text("The team that hears of it when nobody took it up in time.", "leads"),
        },
        ("to", "summary"),
    )
    reward = parts.group(
        "A gift, once per occasion.", {"coupon": parts.text("A pool: coupons/POOL.txt.", "thank-you"), "points": parts.whole("Points.", 1, 1_000_000, 50)}
    )
    sending = {
        "channel": parts.choice("How it travels.", "email"),
        "in_doubt": parts.choice("When a crash leaves open whether it went out: hold it for a person, or send it again.", "hold", "resend"),
        "if_not_sent": parts.choice("When it is finally not sent: end the rule, or continue.", "end", "continue"),
    }
    return [
        ({"send": parts.text("The letter: letters/NAME.md.", "checkin")}, sending),
        ({"alert": alert}, {}),
        ({"reward": reward}, {}),
        ({"webhook": parts.text("A system of policy.yaml that is called.", "loyalty")}, {"data": {"type": "object", "description": "What it is told."}}),
        ({"tag": parts.text("Remembers a word about the customer: customer.tags.", "vip")}, {}),
        ({"untag": parts.text("Forgets it.", "vip")}, {}),
    ]


def _cancel_on(policy: Policy) -> Schema:
    precise = parts.group(
        "This event, if the condition holds.",
        {
            "event": parts.event_or_list(policy, "What ends it."),
            "if": parts.condition("Only if this holds.", 'event.priority == "high"'),
            "match": parts.text("The field that must be the same; `none` for no such field.", "order_id", "none"),
        },
        ("event",),
    )
    return parts.several({"anyOf": [parts.event_name(policy), precise]}, "What makes it pointless; works during waits and holds.")


def _example(policy: Policy) -> Schema:
    reason = parts.choice("Why.", *Reason)
    line = parts.group(
        "What reaches the customer or a person, or why it does not.",
        {name: parts.text(words) for name, words in _LINES.items()} | {"at": LOCAL | {"description": "When."}, "because": reason},
    )
    nothing = [{"const": "nothing", "description": "Nothing reaches anybody."}, parts.group("Nothing, and why.", {"nothing": reason}, ("nothing",))]
    given = {
        "type": "object",
        "description": "What happens: a local time, an event, and the event's data.",
        "properties": {"at": LOCAL | {"description": "The policy's local time."}, "event": parts.event_name(policy)},
        "required": ["at", "event"],
    }
    return parts.group(
        "A customer's story and what follows from it.",
        {
            "name": parts.text("The story in a sentence.", "asks three days after the delivery"),
            "given": parts.several(given, "What happens, in order."),
            "expect": {"anyOf": [*nothing, parts.several(line, "What follows, in order.", 1)], "description": "What follows."},
            "until": LOCAL | {"description": "Where the story ends; after 400 days when not said."},
        },
        ("name", "given", "expect"),
    )


_LINES = {
    "send": "This letter is sent.",
    "alert": "This team is asked.",
    "reward": "This pool (or number of points) is granted.",
    "webhook": "This system is called.",
    "hold": "This letter waits.",
    "skip": "This letter is not sent.",
}
