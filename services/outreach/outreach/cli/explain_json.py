"""An explanation for programs; times are RFC 3339."""

from collections.abc import Sequence
from typing import Any

from care_contracts.clock import rfc3339

from outreach.journal.different import Looking
from outreach.journal.timeline import Decided, Entry, Happened
from outreach.journal.why_not import Answer
from outreach.playbook.telling import Seen


def as_json(looking: Looking, entries: Sequence[Entry], answer: Answer | None) -> dict[str, Any]:
    """`entries` for a timeline, `why_not` for the answer to that question; the other one is empty."""
    past = looking.past
    return {
        "customer": past.customer_id,
        "time_zone": looking.zone,
        "now": rfc3339(looking.now),
        "playbook": looking.playbook.version,
        "erased_at": _time(past.erased_at),
        "entries": [_entry(looking, entry) for entry in entries],
        "why_not": _answer(looking, answer) if answer else None,
    }


def _time(moment: int | None) -> str | None:
    return None if moment is None else rfc3339(moment)


def _entry(looking: Looking, entry: Entry) -> dict[str, Any]:
    return _decided(looking, entry) if isinstance(entry, Decided) else _happened(entry)


def _happened(entry: Happened) -> dict[str, Any]:
    event = entry.event
    named = {"type": event.type, "source": event.source, "id": event.id, "history": event.history}
    return {"kind": "event", "at": rfc3339(entry.at), "time": rfc3339(event.time)} | named | {"facts": dict(entry.facts)}


def _decided(looking: Looking, entry: Decided) -> dict[str, Any]:
    decision, message = entry.decision, looking.past.message(entry.decision.command_id)
    named = {name: getattr(decision, name) for name in ("rule", "occurrence", "step", "verdict", "reason", "detail", "what", "command_id", "playbook")}
    told = {"words": entry.words, "because": entry.because, "became": entry.became, "different": entry.different}
    origin = {"file": entry.file, "revision": entry.revision, "changed": entry.changed}
    became = {"state": message.state, "at": rfc3339(message.at), "class": message.category, "reason": message.reason} if message else None
    return {"kind": "decision", "at": rfc3339(entry.at), "until": _time(decision.until)} | named | told | origin | {"message": became}


def _answer(looking: Looking, answer: Answer) -> dict[str, Any]:
    records = [_decided(looking, record) for record in answer.records]
    return {"rule": answer.rule, "answer": answer.sentence, "records": records, "judgements": [_seen(seen) for seen in answer.judgements]}


def _seen(seen: Seen) -> dict[str, Any]:
    parts = [{"condition": part.source, "held": part.held} for part in seen.parts]
    return {"condition": seen.source, "at": rfc3339(seen.at), "held": seen.held, "trouble": seen.trouble, "parts": parts, "values": dict(seen.values)}
