"""The slow and obvious model: from everything that was ever told and sent it works out anew whether one letter may go out now.

It shares no code with the guards: the policy is read as it was written, and every answer is a walk over the whole past.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from care_contracts.records import Command, Event

HOUR = 3_600_000
DAY = 24 * HOUR
ORDER = (
    *("off", "erased", "no_address", "suppressed", "no_consent", "already_sent", "expired", "cancelled", "stopped", "person_only"),
    *("person_on_it", "no_promotion", "no_survey", "cool_off", "quiet_hours", "cap", "holdout", "shadow"),
)
CONSENTS = {"care": True, "survey": True, "service": True, "promotion": False}
FOR_EVERYTHING = ("off", "erased", "already_sent", "expired", "stopped", "holdout", "shadow")
MOST_POINTS = 10**9
LETTERS_THAT_ASK = ("question",)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
UNITS = {"m": 60_000, "h": HOUR, "d": DAY}


def length(text: str) -> int:
    """`3d` in milliseconds, one unit only."""
    return int(text[:-1]) * UNITS[text[-1]]


def minutes(text: str) -> int:
    """`08:30` as minutes of the day."""
    return int(text[:2]) * 60 + int(text[3:])


@dataclass(frozen=True)
class Letter:
    """A letter that went out, or (`shadow`) would have."""

    at: int
    rule: str
    purpose: str
    command_id: str
    shadow: bool = False


@dataclass(frozen=True)
class Written:
    """A version of the playbook as it was written."""

    policy: Mapping[str, Any]
    rules: Mapping[str, Mapping[str, Any]]


@dataclass
class Past:
    """Everything so far, in the order in which it came: events as they were noted, and what we did; `active` is the version that is in force."""

    versions: Mapping[str, Written]
    active: str
    told: list[tuple[int, Event]] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    failed: set[str] = field(default_factory=set)
    story: list[Event | Command] = field(default_factory=list)

    @property
    def policy(self) -> Mapping[str, Any]:
        """The policy that is in force: what runs under an earlier version goes by it too."""
        return self.versions[self.active].policy

    def mode(self, rule: str, version: str) -> str:
        """The stricter of what the rule said when it began and what it says now, if there is still such a rule."""
        said = [self.versions[version].rules[rule], self.versions[self.active].rules.get(rule, {})]
        modes = {one.get("mode", "live") for one in said}
        return next(mode for mode in ("off", "shadow", "live") if mode in modes)

    def hear(self, event: Event, now: int) -> bool:
        """Notes an event; False for one that was told before, or that comes after the customer was forgotten."""
        if any((known.id, known.source) == (event.id, event.source) for _, known in self.told):
            return False
        self.told.append((now, event))
        self.story.append(event)
        if event.type in {"message.failed", "message.suppressed"} and event.data["class"] != "in_doubt":
            self.failed.add(event.data["command_id"])
        return True

    def do(self, command: Command) -> None:
        """Notes what we did."""
        self.story.append(command)
        if command.kind == "send":
            self.letters.append(Letter(command.at, command.rule, command.purpose, command.command_id))

    def only_watch(self, at: int, rule: str, version: str, command_id: str) -> None:
        """Notes what a shadow rule would have sent."""
        self.letters.append(Letter(at, rule, self.versions[version].rules[rule]["purpose"], command_id, shadow=True))

    def events(self, *types: str) -> list[tuple[int, Event]]:
        """When each such event happened; none happened later than it was told."""
        return [(min(event.time, now), event) for now, event in self.told if event.type in types]


def traits(past: Past) -> dict[str, Any]:
    """Newer facts replace older ones; an older event only fills in what is not known."""
    found: dict[str, tuple[int, Any]] = {}
    for time, event in past.events("customer.created", "customer.updated"):
        for name, value in event.data.items():
            if (name != "time_zone" or value is None or is_zone(value)) and time >= found.get(name, (0, None))[0]:
                found[name] = (time, value)
    return {name: value for name, (_, value) in found.items() if value is not None}


def is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def zone(past: Past) -> ZoneInfo:
    return ZoneInfo(traits(past).get("time_zone") or past.policy.get("time_zone", "UTC"))


def address(past: Past) -> str:
    return str(traits(past).get("email") or "").strip().lower()


def erased(past: Past) -> bool:
    return bool(past.events("customer.deleted"))


def suppressed(past: Past) -> bool:
    """Whether the address that is known now was ever given up while it was the customer's."""
    now = address(past)
    for place, (_, event) in enumerate(past.told):
        gave_up = event.type == "message.complained" or (event.type == "message.bounced" and event.data["class"] == "hard")
        if gave_up and address(replace(past, told=past.told[: place + 1])) == now:
            return True
    return False


def consents(past: Past, purpose: str) -> bool:
    """The latest word, by when it was said; the refusal of two at the same moment."""
    words = [(time, event.data["granted"]) for time, event in past.events("consent.changed") if event.data["purpose"] in (purpose, "*")]
    if not words or purpose not in CONSENTS:
        return bool((CONSENTS | past.policy.get("consents", {})).get(purpose, False))
    latest = max(time for time, _ in words)
    return all(granted for time, granted in words if time == latest)


def poor(past: Past) -> list[int]:
    """When the customer had a poor experience."""
    found = past.events("ticket.reopened", "order.returned", "payment.failed")
    found += [(time, event) for time, event in past.events("ticket.opened") if event.data["priority"] in ("high", "urgent")]
    found += [(time, event) for time, event in past.events("review.posted") if event.data["rating"] <= 2]
    found += [(time, event) for time, event in past.events("survey.answered") if event.data["score"] <= {"csat": 2, "nps": 6, "ces": 3}[event.data["kind"]]]
    return [time for time, _ in found]


def good(past: Past) -> list[int]:
    """When the customer had a good experience."""
    found = past.events("order.delivered", "reward.granted") + [(time, event) for time, event in past.events("review.posted") if event.data["rating"] >= 4]
    for time, event in past.events("survey.answered"):
        if event.data["score"] >= {"csat": 4, "nps": 9, "ces": 99}[event.data["kind"]]:
            found.append((time, event))
    for place, (now, event) in enumerate(past.told):
        before = replace(past, told=past.told[:place])
        opened = open_tickets(before).get(event.data["ticket_id"]) if event.type == "ticket.resolved" else None
        time = min(event.time, now)
        if opened is not None and opened <= time <= opened + 72 * HOUR:
            found.append((time, event))
    return [time for time, _ in found]


def open_tickets(past: Past) -> dict[str, int]:
    """The tickets whose latest word is that they were opened, with when."""
    opened: dict[str, int] = {}
    resolved: dict[str, int] = {}
    for time, event in past.events("ticket.opened", "ticket.reopened"):
        opened[event.data["ticket_id"]] = max(time, opened.get(event.data["ticket_id"], 0))
    for time, event in past.events("ticket.resolved"):
        resolved[event.data["ticket_id"]] = max(time, resolved.get(event.data["ticket_id"], 0))
    return {ticket: time for ticket, time in opened.items() if time > resolved.get(ticket, -1)}


def open_tasks(past: Past) -> set[str]:
    """The tasks that a person has: ours since we asked, others since we were told, none after its end."""
    found: set[str] = set()
    closed: dict[str, int] = {}
    for entry in past.story:
        if isinstance(entry, Command):
            found |= {entry.command_id} if entry.kind == "alert" and "escalated" not in entry.options else set()
            continue
        task = entry.data.get("task_id", "")
        if entry.type == "task.opened" and not entry.source.startswith("careloop/") and closed.get(task, -1) < entry.time:
            found.add(task)
        if entry.type == "task.closed":
            found.discard(task)
            closed[task] = max(entry.time, closed.get(task, -1))
    return found


def band(past: Past, now: int) -> str:
    """The health that is built in."""
    bad = sum(now - 90 * DAY < time <= now for time in poor(past))
    well = sum(now - 90 * DAY < time <= now for time in good(past))
    score = max(0, min(100, 75 - 22 * bad + 5 * well))
    return "red" if score < 40 else "green" if score >= 70 else "amber"


def forbids(past: Past, name: str, now: int) -> bool:
    """Whether a guard of the policy objects; one that asks for what is not known does."""
    source = past.policy.get("guards", {}).get(name)
    known = traits(past)
    busy = bool(open_tickets(past))
    answers = {
        "customer.open_tickets > 0": busy,
        'customer.health.band == "red"': band(past, now) == "red",
        'customer.open_tickets > 0 || customer.health.band == "red"': busy or band(past, now) == "red",
        "customer.stamps > 3": "stamps" not in known or known["stamps"] > 3,
    }
    return answers[source] if source else False


def low_score_lately(past: Past, now: int) -> bool:
    rest = past.policy["guards"]["cool_off_after_low_score"]
    limits = {"csat": float(rest["score"].removeprefix("<= ")), "nps": 6, "ces": 3}
    return any(now - length(rest["for"]) < time and event.data["score"] <= limits[event.data["kind"]] for time, event in past.events("survey.answered"))


def is_quiet(past: Past, moment: int) -> bool:
    """Whether the customer's clock shows a time of rest."""
    rest = past.policy["quiet_hours"]
    return is_rest(rest, datetime.fromtimestamp(moment / 1000, zone(past)))


def is_rest(rest: Mapping[str, Any], clock: datetime) -> bool:
    start, end, now = minutes(rest["from"]), minutes(rest["to"]), clock.hour * 60 + clock.minute
    if DAYS[clock.weekday()] in rest.get("days", ()):
        return True
    return start <= now < end if start <= end else now >= start or now < end


def capped(past: Past, purpose: str, rule: str, mode: str, now: int) -> bool:
    """Whether one more letter now would be one too many in some window that ends now."""
    mine = mode == "shadow"
    counted = [letter for letter in past.letters if letter.purpose != "service" and letter.command_id not in past.failed]
    counted = [letter for letter in counted if not letter.shadow or (mine and letter.rule == rule)]
    for name, caps in past.policy.get("caps", {}).items():
        for cap in caps if name in ("all", purpose) else ():
            sent = [letter for letter in counted if name in ("all", letter.purpose) and now < letter.at + length(cap["per"])]
            if len(sent) >= cap["at_most"]:
                return True
    return False


def share(name: str) -> float:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big") / 2**64


def points(past: Past) -> int:
    """What was given, by us or by others, less what was redeemed: never below nothing, and nothing after the end."""
    left = 0
    for entry in past.story:
        if isinstance(entry, Command):
            left += entry.options["points"] if entry.kind == "reward" and "points" in entry.options else 0
        elif entry.type == "reward.granted" and not entry.source.startswith("careloop/"):
            left += entry.data["points"]
        elif entry.type == "reward.redeemed":
            left -= entry.data["points"]
        left = max(0, min(left, MOST_POINTS))
    return 0 if erased(past) else left


def gifts(past: Past, rule: str, occurrence: str) -> tuple[int | None, str]:
    """The points and the coupon that a letter of this occasion may show: what it gave last of each."""
    given = [entry for entry in past.story if isinstance(entry, Command) and (entry.kind, entry.rule, entry.occurrence) == ("reward", rule, occurrence)]
    shown = [entry.options["points"] for entry in given if "points" in entry.options]
    coupons = [entry.command_id for entry in given if "coupon" in entry.options]
    return (shown[-1] if shown else None), (coupons[-1] if coupons else "")


def objections(past: Past, rule_id: str, version: str, letter: str, now: int) -> list[str]:
    """Every reason not to write this letter at this moment, in the order in which they are to be asked; `version` is that under which the rule began."""
    rule, policy, mode = past.versions[version].rules[rule_id], past.policy, past.mode(rule_id, version)
    purpose, set_guards = rule["purpose"], policy.get("guards", {})
    asks = purpose == "survey" or letter in LETTERS_THAT_ASK
    holdout, rest, person = policy.get("holdout", {}), set_guards.get("cool_off_after_low_score"), set_guards.get("person_only_after")
    blocks = set(rest.get("blocks", ["promotion", "survey"])) if rest else set()
    found = {
        "off": mode == "off",
        "erased": erased(past),
        "no_address": not traits(past).get("email"),
        "suppressed": suppressed(past),
        "no_consent": not consents(past, purpose),
        "person_only": bool(person) and purpose != "service" and sum(now - length(person["within"]) < time <= now for time in poor(past)) >= person["failures"],
        "person_on_it": purpose != "service" and bool(open_tasks(past)),
        "no_promotion": purpose == "promotion" and forbids(past, "no_promotion_while", now),
        "no_survey": asks and forbids(past, "no_survey_while", now),
        "cool_off": bool(rest) and (purpose in blocks or (asks and "survey" in blocks)) and low_score_lately(past, now),
        "quiet_hours": purpose != "service" and "quiet_hours" in policy and is_quiet(past, now),
        "cap": purpose != "service" and capped(past, purpose, rule_id, mode, now),
        "holdout": purpose in holdout.get("from", ()) and share("holdout|c1") < holdout["share"],
        "shadow": mode == "shadow",
    }
    return [reason for reason in ORDER if found.get(reason)]


def rest_is_over(rest: Mapping[str, Any], moment: int, where: str) -> int:
    """The first minute from `moment` (ms, a whole minute) on whose clock shows no rest, found by looking at each."""
    clock = ZoneInfo(where)
    for _ in range(10 * 24 * 60):
        if not is_rest(rest, datetime.fromtimestamp(moment / 1000, clock)):
            return moment
        moment += 60_000
    raise AssertionError(f"the rest never ends: {rest} {timedelta(milliseconds=moment)}")
