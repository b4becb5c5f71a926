"""policy.yaml as a Policy: what holds for every rule."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from outreach.core.calendar import is_zone
from outreach.core.customer import MAX_SENT
from outreach.core.history import MAX_EXPERIENCES
from outreach.core.policy import DEFAULT_CONSENTS, PURPOSES, Brand, Cap, CoolOff, Holdout, OfficeHours, PersonOnly, Policy, Poor, QuietHours, Team, Webhook
from outreach.playbook.durations import WEEKDAYS, office_hours
from outreach.playbook.fields import Fields, Source
from outreach.playbook.known import KINDS
from outreach.playbook.policy_checks import check_policy
from outreach.playbook.problems import nearest
from outreach.playbook.yaml_text import Node

KEYS = (
    *("brand", "languages", "time_zone", "currency", "consents", "double_opt_in", "events", "traits", "poor_experiences", "prices"),
    *("send_only_to", "quiet_hours", "caps", "when_capped", "guards", "holdout", "teams", "webhooks"),
)
CHANNELS = ("email",)
_CURRENCY = re.compile(r"[A-Z]{3}")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
_SCORE = re.compile(r"(<=|<|==) (\d+(?:\.\d+)?)")


def read_policy(source: Source, node: Node) -> Policy:
    """The policy of a file; what cannot be read keeps its default, with a finding."""
    fields = Fields(source, node, KEYS)
    base = Policy(
        brand=_brand(fields),
        languages=_words(fields, "languages") or ("en",),
        time_zone=_time_zone(fields),
        currency=_currency(fields),
        consents=_consents(fields),
        double_opt_in=_some(fields, "double_opt_in", PURPOSES),
        events=_events(fields),
        traits=_kinds(fields, _map(fields, "traits")),
        prices=_prices(fields),
        send_only_to=_words(fields, "send_only_to"),
        quiet_hours=_quiet_hours(fields),
        caps=_caps(fields),
        when_capped=fields.choice("when_capped", ("hold", "skip"), "hold"),
        holdout=_holdout(fields),
        teams=_teams(fields),
        webhooks=_webhooks(fields),
    )
    check_policy(fields, base)
    return _guards(replace(source, known=replace(source.known, policy=base)), fields, base)


def _map(fields: Fields, name: str) -> Mapping[str, Node]:
    node = fields.node(name)
    if name in fields and not isinstance(node.value, dict):
        fields.source.add(node.place, "C004", f'"{name}": expected a mapping')
    return node.value if isinstance(node.value, dict) else {}


def _words(fields: Fields, name: str) -> tuple[str, ...]:
    return tuple(str(item.value) for item in fields.list(name))


def _some(fields: Fields, name: str, allowed: Sequence[str]) -> frozenset[str]:
    """A list of allowed words; what is no such word would silently guard nothing."""
    for item in fields.list(name):
        if item.value not in allowed:
            got = str(item.value)[:40]
            fields.source.add(item.place, "C006", f'expected some of {", ".join(allowed)}, got "{got}"', suggestion=nearest(got, allowed))
    return frozenset(_words(fields, name)) & frozenset(allowed)


def _inner(fields: Fields, name: str, allowed: tuple[str, ...], required: tuple[str, ...] = ()) -> Fields | None:
    return Fields(fields.source, fields.node(name), allowed, required) if name in fields else None


def _brand(fields: Fields) -> Brand:
    inner = _inner(fields, "brand", ("name", "from", "reply_to", "address"), ("name", "from"))
    return Brand(inner.text("name"), inner.text("from"), inner.text("reply_to"), inner.text("address")) if inner else Brand()


def _time_zone(fields: Fields) -> str:
    name = fields.text("time_zone", "UTC")
    if not is_zone(name):
        fields.source.add(fields.node("time_zone").place, "C006", f'unknown time zone "{name[:40]}"', expected="an IANA name such as Europe/London")
        return "UTC"
    return name


def _currency(fields: Fields) -> str:
    code = fields.text("currency", "EUR")
    if not _CURRENCY.fullmatch(code):
        fields.source.add(fields.node("currency").place, "C006", f'unknown currency "{code[:40]}"', expected="three letters of ISO 4217 such as GBP")
    return code


def _prices(fields: Fields) -> Mapping[str, float]:
    prices = Fields(fields.source, fields.node("prices", {}), CHANNELS)
    return {name: prices.number(name, 0, 0, 1000) for name in CHANNELS if name in prices}


def _kinds(fields: Fields, named: Mapping[str, Node]) -> Mapping[str, str]:
    """Names of fields and the kinds of their values."""
    for name, node in named.items():
        if node.value not in KINDS:
            fields.source.add(node.place, "C006", f'"{name}": expected one of {", ".join(KINDS)}', suggestion=nearest(str(node.value), KINDS))
    return {name: str(node.value) for name, node in named.items()}


def _purposes(fields: Fields, name: str, more: tuple[str, ...] = ()) -> Mapping[str, Node]:
    entries = _map(fields, name)
    for purpose in entries:
        if purpose not in (*PURPOSES, *more):
            place = fields.node(name).keys[purpose]
            fields.source.add(place, "C006", f'unknown purpose "{purpose}"', expected=", ".join((*PURPOSES, *more)), suggestion=nearest(purpose, PURPOSES))
    return entries


def _consents(fields: Fields) -> Mapping[str, bool]:
    said = Fields(fields.source, fields.node("consents", {}), tuple(_purposes(fields, "consents")))
    return {**DEFAULT_CONSENTS, **{name: said.yes(name, default=False) for name in said.nodes}}


def _events(fields: Fields) -> Mapping[str, Mapping[str, object]]:
    types = Fields(fields.source, fields.node("events", {}), tuple(_map(fields, "events")))
    return {name: _kinds(types, _map(types, name)) for name in types.nodes}


def _quiet_hours(fields: Fields) -> QuietHours | None:
    inner = _inner(fields, "quiet_hours", ("from", "to", "days"), ("from", "to"))
    if inner is None:
        return None
    days = frozenset(WEEKDAYS.index(word) for word in _some(inner, "days", WEEKDAYS))
    quiet = QuietHours(inner.minute("from"), inner.minute("to"), days)
    if len(days) == len(WEEKDAYS):
        fields.source.add(inner.place, "C023", "with these quiet hours nothing could ever be sent")
    return quiet


def _caps(fields: Fields) -> Mapping[str, tuple[Cap, ...]]:
    caps = Fields(fields.source, fields.node("caps", {}), tuple(_purposes(fields, "caps", ("all",))))
    return {name: tuple(_cap(fields, item) for item in caps.list(name)) for name in caps.nodes}


def _cap(fields: Fields, node: Node) -> Cap:
    inner = Fields(fields.source, node, ("at_most", "per"), ("at_most", "per"))
    return Cap(inner.whole("at_most", 1, 1, MAX_SENT), inner.duration("per", 1))


def _holdout(fields: Fields) -> Holdout:
    inner = _inner(fields, "holdout", ("share", "from"), ("share",))
    return Holdout(inner.number("share", 0, 0, 1), _some(inner, "from", PURPOSES) if "from" in inner else Holdout().purposes) if inner else Holdout()


def _teams(fields: Fields) -> Mapping[str, Team]:
    return {name: _team(Fields(fields.source, node, ("email", "webhook", "hours")), _map(fields, "webhooks")) for name, node in _map(fields, "teams").items()}


def _team(team: Fields, hooks: Mapping[str, Node]) -> Team:
    hook, hours = team.text("webhook"), team.text("hours")
    if team.nodes and not ("email" in team or "webhook" in team):
        team.source.add(team.place, "C003", "nobody can reach this team", expected="email or webhook")
    if hook and hook not in hooks:
        place = team.node("webhook").place
        team.source.add(place, "C036", f'there is no webhook "{hook}"', expected="a name among `webhooks`", suggestion=nearest(hook, hooks))
    try:
        return Team(team.text("email"), hook, tuple(OfficeHours(*some) for some in office_hours(hours)) if hours else ())
    except ValueError as error:
        team.source.add(team.node("hours").place, "C016", str(error))
        return Team(team.text("email"), hook)


def _webhooks(fields: Fields) -> Mapping[str, Webhook]:
    inner = {name: Fields(fields.source, node, ("url", "secret_env"), ("url",)) for name, node in _map(fields, "webhooks").items()}
    for hook in inner.values():
        if "url" in hook and not hook.text("url").startswith("https://"):
            hook.source.add(hook.node("url").place, "C004", "expected an address that begins with https://, because what is told is nobody else's business")
        if "secret_env" in hook and not _VARIABLE.fullmatch(hook.text("secret_env")):
            hook.source.add(hook.node("secret_env").place, "C004", "expected the name of an environment variable such as TEAM_CHAT_SECRET")
    return {name: Webhook(hook.text("url"), hook.text("secret_env")) for name, hook in inner.items()}


def _guards(source: Source, fields: Fields, base: Policy) -> Policy:
    """The guards and the poor experiences, whose conditions may name the policy's own events and traits."""
    outer = (
        Fields(source, fields.node("guards"), ("no_promotion_while", "no_survey_while", "cool_off_after_low_score", "person_only_after"))
        if "guards" in fields
        else None
    )
    base = replace(base, poor_experiences=_poor(source, fields))
    if outer is None:
        return base
    person = _inner(outer, "person_only_after", ("failures", "within"), ("failures", "within"))
    return replace(
        base,
        no_promotion_while=outer.condition("no_promotion_while"),
        no_survey_while=outer.condition("no_survey_while"),
        cool_off=_cool_off(outer),
        person_only=PersonOnly(person.whole("failures", 2, 1, MAX_EXPERIENCES), person.duration("within", 1)) if person else None,
    )


def _cool_off(outer: Fields) -> CoolOff | None:
    inner = _inner(outer, "cool_off_after_low_score", ("score", "for", "blocks"), ("score", "for"))
    if inner is None:
        return None
    match = _SCORE.fullmatch(inner.text("score"))
    if not match:
        outer.source.add(inner.node("score").place, "C004", 'expected a comparison such as "<= 2"')
        return CoolOff(for_ms=inner.duration("for"))
    blocks = _some(inner, "blocks", PURPOSES) or CoolOff().blocks
    return CoolOff((match[1], float(match[2])), inner.duration("for"), blocks)


def _poor(source: Source, fields: Fields) -> tuple[Poor, ...] | None:
    if fields.node("poor_experiences").value in (None, "default"):
        return None
    entries = [Fields(source, node, ("event", "if"), ("event",)) for node in fields.list("poor_experiences")]
    return tuple(Poor(name, entry.condition("if", ("event",), (name,))) for entry in entries for name in source.events(entry.node("event")))
