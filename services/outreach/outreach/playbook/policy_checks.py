"""What policy.yaml may say and cannot mean: quiet hours that are over at once, mail addresses that are none."""

import re

from outreach.core.policy import Policy, QuietHours
from outreach.playbook.fields import Fields, Source
from outreach.playbook.yaml_text import Node

_ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+")


def check_policy(fields: Fields, policy: Policy) -> None:
    """Adds what is wrong in parts of policy.yaml that could be read."""
    _check_quiet(fields.source, fields.node("quiet_hours"), policy.quiet_hours)
    for name in ("from", "reply_to"):
        _check_address(fields.source, _at(fields.node("brand"), name))
    for name in policy.teams:
        _check_address(fields.source, _at(_at(fields.node("teams"), name), "email"))


def _at(node: Node, name: str) -> Node:
    """The value of a key, or nothing."""
    found = node.value.get(name) if isinstance(node.value, dict) else None
    return found if isinstance(found, Node) else Node(None, node.place)


def _check_quiet(source: Source, node: Node, quiet: QuietHours | None) -> None:
    times = [_at(node, name).value for name in ("from", "to")]
    if quiet and times[0] is not None and times[0] == times[1]:
        source.add(_at(node, "to").place, "C047", "these quiet hours end when they begin, so that no hour is quiet", expected="another time than `from`")


def _check_address(source: Source, node: Node) -> None:
    """The text is not repeated: it may be somebody's."""
    if isinstance(node.value, str) and not _ADDRESS.fullmatch(node.value):
        source.add(node.place, "C056", "this is no mail address", expected="an address such as care@shop.example")
