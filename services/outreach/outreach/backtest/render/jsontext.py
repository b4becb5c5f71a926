"""The report for programs. Its keys are stable: further ones may come, none changes its meaning."""

import json
from collections.abc import Mapping
from typing import Any

from care_contracts.clock import rfc3339

from outreach.backtest.compare import Change
from outreach.backtest.report import Difference, Figures, Report


def json_text(report: Report) -> str:
    """An object with `log`, `playbook` and `against` (null without another version).

    log: events, customers, first, last, until (RFC 3339), late, unreadable {count, first}.
    playbook: version, time_zone, currency, messages, customers_written, rules [{rule, purpose, begun, messages, alerts, rewards, webhooks,
    held, not_sent}], months [{month, messages, rules}], not_sent [{reason, words, count, rules}], per_customer {mean, quantiles, histogram
    [{messages, customers}]}, held {messages, ends, reasons [{reason, messages, ends}]}, caps [{rule, held, skipped}], limits [{cap, held, skipped}],
    busiest_hour and busiest_day ({from, messages} or null), hours (24 numbers), alerts, rewards, webhooks, costs [{channel, messages, price, cost}].
    against: name, playbook (as above), customers, messages {gained, lost, moved, replaced}, rules [{rule, kind, before, after, gained, lost,
    moved, replaced}], reasons [{reason, before, after}], samples [{change, kind, rule, what, customer, command_id, before, after, why}].
    """
    log = report.log
    read = {"events": log.events, "customers": log.customers, "first": log.first, "last": log.last, "until": log.until, "late": log.late}
    whole = {
        "log": read | {"unreadable": {"count": log.unreadable, "first": log.unreadable_first}},
        "playbook": _figures(report.figures),
        "against": _difference(report.difference) if report.difference else None,
    }
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def _figures(found: Figures) -> dict[str, Any]:
    return {
        "version": found.version,
        "time_zone": found.zone,
        "currency": found.currency,
        "messages": found.messages,
        "customers_written": found.customers_written,
        "rules": [_fields(row) for row in found.rules],
        "months": [{"month": month, "messages": sum(rules.values()), "rules": rules} for month, rules in found.months],
        "not_sent": [_fields(row) for row in found.reasons],
        "per_customer": {
            "mean": float(found.mean),
            "quantiles": {str(share): most for share, most in found.quantiles.items()},
            "histogram": [{"messages": messages, "customers": customers} for messages, customers in found.received],
        },
        "held": {
            "messages": sum(found.held.values()),
            "ends": found.held,
            "reasons": [{"reason": row.reason, "messages": row.count, "ends": row.ends} for row in found.holds],
        },
        "caps": [_fields(row) for row in found.caps],
        "limits": [_fields(row) for row in found.limits],
        "busiest_hour": _peak(found.busiest_hour),
        "busiest_day": _peak(found.busiest_day),
        "hours": found.hours,
        "alerts": found.others.alerts,
        "rewards": found.others.rewards,
        "webhooks": found.others.webhooks,
        "costs": [{"channel": row.channel, "messages": row.messages, "price": _money(row.price), "cost": _money(row.cost)} for row in found.costs],
    }


def _fields(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__slots__}


def _peak(peak: tuple[str, int] | None) -> Mapping[str, Any] | None:
    return {"from": peak[0], "messages": peak[1]} if peak else None


def _money(amount: Any) -> float | None:
    return None if amount is None else float(amount)


def _difference(difference: Difference) -> dict[str, Any]:
    return {
        "name": difference.name,
        "playbook": _figures(difference.before),
        "customers": difference.customers,
        "messages": difference.messages,
        "rules": [
            {"rule": row.rule, "kind": row.kind, "before": row.before, "after": row.after, **{change: row.changes[change] for change in Change}}
            for row in difference.rules
        ],
        "reasons": [{"reason": reason, "before": before, "after": after} for reason, before, after in difference.reasons],
        "samples": [
            {name: getattr(sample, name) for name in ("change", "kind", "rule", "what", "customer", "command_id")}
            | {"before": _moment(sample.before), "after": _moment(sample.after), "why": sample.why}
            for sample in difference.samples
        ],
    }


def _moment(moment: int | None) -> str | None:
    return None if moment is None else rfc3339(moment)
