"""From what lay on a topic to rows of the journal; every row's key follows from its content, so that reading twice is reading once."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from care_contracts.playbooks import activated, decode_version
from care_contracts.records import Decision, Event
from care_contracts.topics import DECISIONS, EVENTS, PLAYBOOKS
from care_contracts.wire import Unreadable, decode_decision, decode_event, encode_decision
from sqlalchemy import Table

from outreach.journal import tables

Row = tuple[Table, dict[str, Any]]

# What is known later is more: a mail that was sent may still come back, and a doubt ends with the first certain word.
_RANKS = {"in_doubt": 0, "failed": 1, "suppressed": 1, "sent": 2, "bounced": 3, "complained": 4}


def rows_of(topic: str, key: bytes | None, value: bytes | None) -> list[Row]:
    """The rows that a record of care.events, care.decisions or care.playbooks comes to; raises Unreadable."""
    return _READERS[topic](key, value)


def _event_rows(key: bytes | None, value: bytes | None) -> list[Row]:
    event = decode_event(value)
    _same_customer(key, event.customer_id)
    if (active := activated(event)) is not None:
        return [_playbook(*active, first_seen=event.recorded)]
    if event.type == "customer.deleted":
        return [(tables.erasures, {"customer_id": event.customer_id, "at": event.recorded})]
    return [(tables.events, _event(event, value or b"")), *_message(event)]


def _same_customer(key: bytes | None, customer_id: str) -> None:
    """Under another key the record lies in a partition that does not own the customer, and nothing was decided about it."""
    if key != customer_id.encode():
        raise Unreadable("expected the customer_id as the record's key, got another key")


def _event(event: Event, value: bytes) -> dict[str, Any]:
    named = {name: getattr(event, name) for name in ("customer_id", "source", "id", "type", "time", "recorded")}
    return named | {"record": value.decode()}


def _message(event: Event) -> list[Row]:
    """What an event tells about a message."""
    kind, _, state = event.type.partition(".")
    command_id = event.data.get("command_id")
    if kind != "message" or state not in _RANKS or not isinstance(command_id, str):
        return []
    told = {name: str(event.data.get(name) or "") for name in ("rule", "letter", "channel", "class", "reason")}
    state = "in_doubt" if told["class"] == "in_doubt" else state
    row = {"command_id": command_id, "customer_id": event.customer_id, "state": state, "rank": _RANKS[state], "at": event.time}
    return [(tables.messages, row | told)]


def _decision_rows(key: bytes | None, value: bytes | None) -> list[Row]:
    decision = decode_decision(value)
    _same_customer(key, decision.customer_id)
    return [(tables.decisions, _decision(decision)), _playbook(decision.playbook, first_seen=decision.at)]


def _decision(decision: Decision) -> dict[str, Any]:
    """Equal decisions are one: a decider that was killed repeats itself byte for byte."""
    plain = {name: getattr(decision, name) for name in Decision.__struct_fields__}
    digest = hashlib.blake2b(encode_decision(decision), digest_size=16).hexdigest()
    return plain | {"verdict": decision.verdict.value, "reason": decision.reason.value if decision.reason else "", "digest": digest}


def _playbook_rows(key: bytes | None, value: bytes | None) -> list[Row]:
    version = decode_version(value)
    if key != version.version.encode():
        raise Unreadable("expected the content hash as the record's key, got another key")
    return [_playbook(version.version, version.revision, files=digests({name: text.encode() for name, text in version.files.items()}))]


def _playbook(version: str, revision: str = "", *, first_seen: int | None = None, files: Mapping[str, str] | None = None) -> Row:
    return tables.playbooks, {"version": version, "revision": revision, "first_seen": first_seen, "files": json.dumps(files, sort_keys=True) if files else ""}


def digests(files: Mapping[str, bytes]) -> dict[str, str]:
    """By path what stands for a file's content."""
    return {name: hashlib.blake2b(content, digest_size=8).hexdigest() for name, content in files.items()}


_READERS: Mapping[str, Callable[[bytes | None, bytes | None], list[Row]]] = {
    EVENTS.name: _event_rows,
    DECISIONS.name: _decision_rows,
    PLAYBOOKS.name: _playbook_rows,
}
