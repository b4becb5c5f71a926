"""Makes the report of the counts: sorted, with every total, share and price."""

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import chain, islice, zip_longest

from care_contracts.clock import rfc3339
from care_contracts.reasons import PLAIN_WORDS, Reason, Verdict

from outreach.backtest.compare import SAMPLES, Change, Changes, Sample
from outreach.backtest.report import CapRow, ChangeRow, CostRow, Difference, Figures, HoldRow, LimitRow, LogFigures, Others, ReasonRow, Report, RuleRow
from outreach.backtest.run import Outcome
from outreach.backtest.tally import MESSAGE, HoldEnd, Tally
from outreach.backtest.unreadable import spelled
from outreach.core.rules import Playbook

QUANTILES = (50, 90, 99, 100)


def make_report(outcome: Outcome, end: int, names: tuple[str, ...], playbook: Playbook, against: tuple[str, Playbook] | None) -> Report:
    """The report on parts with these names, decided up to `end` (ms since 1970); `against` is another version and what it is called."""
    now = _figures(outcome.now, playbook)
    changes = None
    if against:
        name, other = against
        changes = _difference(name, outcome.changes, (outcome.before, _figures(outcome.before, other)), (outcome.now, now))
    return Report(_log_figures(outcome, end, names), now, changes)


def _log_figures(outcome: Outcome, end: int, names: tuple[str, ...]) -> LogFigures:
    first, last = (rfc3339(moment) if moment is not None else "" for moment in (outcome.first, outcome.last))
    shown = tuple(f"{spelled(place, names)}: {why}" for place, why in outcome.unread.first)
    return LogFigures(outcome.events, outcome.customers, first, last, rfc3339(end), outcome.late, outcome.unread.count, shown)


def _figures(tally: Tally, playbook: Playbook) -> Figures:
    policy = playbook.policy
    messages = tally.channels.total()
    customers = tally.received.total()
    return Figures(
        version=playbook.version,
        zone=policy.time_zone,
        currency=policy.currency,
        messages=messages,
        customers_written=customers - tally.received[0],
        rules=_rules(tally, playbook),
        months=_months(tally),
        reasons=_reasons(tally),
        received=tuple(sorted(tally.received.items())),
        quantiles={share: _quantile(tally.received, share) for share in QUANTILES},
        mean=(Decimal(messages) / max(customers, 1)).quantize(Decimal("0.01")),
        held={end: sum(count for (_, its), count in tally.held.items() if its is end) for end in HoldEnd},
        holds=_holds(tally),
        caps=_caps(tally),
        limits=_limits(tally),
        busiest_hour=_busiest(tally.hours),
        busiest_day=_busiest(_shortened(tally.hours, 10)),
        hours=_hours_of_day(tally.hours),
        others=Others(_done(tally, "alert"), _done(tally, "reward"), _done(tally, "webhook")),
        costs=tuple(_cost(channel, count, policy.prices.get(channel)) for channel, count in sorted(tally.channels.items())),
    )


def _rules(tally: Tally, playbook: Playbook) -> tuple[RuleRow, ...]:
    """The rules with most messages first."""
    done: Counter[tuple[str, str]] = Counter()
    for (kind, rule, _), count in tally.commands.items():
        done[kind, rule] += count
    held = _by((rule, count) for (rule, _), count in tally.held.items())
    not_sent = _by((rule, count) for (_, rule), count in tally.reasons.items())
    rows = [
        RuleRow(
            rule=rule.id,
            purpose=rule.purpose,
            begun=tally.begun[rule.id],
            messages=done[MESSAGE, rule.id],
            alerts=done["alert", rule.id],
            rewards=done["reward", rule.id],
            webhooks=done["webhook", rule.id],
            held=held[rule.id],
            not_sent=not_sent[rule.id],
        )
        for rule in playbook.rules
    ]
    return tuple(sorted(rows, key=lambda row: (-row.messages, -row.alerts, row.rule)))


def _by(pairs: Iterable[tuple[str, int]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for name, count in pairs:
        found[name] += count
    return found


def _months(tally: Tally) -> tuple[tuple[str, Mapping[str, int]], ...]:
    """Every month from the first to the last, also those in which nobody was written to."""
    found: dict[str, dict[str, int]] = {month: {} for month in _between(sorted({month for _, month in tally.months}))}
    for (rule, month), count in sorted(tally.months.items()):
        found[month][rule] = count
    return tuple(sorted(found.items()))


def _between(months: list[str]) -> Iterable[str]:
    first, last = (int(month[:4]) * 12 + int(month[5:]) - 1 for month in (months[0], months[-1])) if months else (0, -1)
    return (f"{number // 12:04}-{number % 12 + 1:02}" for number in range(first, last + 1))


def _reasons(tally: Tally) -> tuple[ReasonRow, ...]:
    totals: Counter[Reason] = Counter()
    for (reason, _), count in tally.reasons.items():
        totals[reason] += count
    rows = [
        ReasonRow(reason, PLAIN_WORDS[reason], count, {rule: n for (its, rule), n in sorted(tally.reasons.items()) if its == reason})
        for reason, count in totals.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.count, row.reason)))


def _quantile(received: Counter[int], share: int) -> int:
    """The number of messages that `share` percent of the customers do not exceed (nearest rank)."""
    rank, passed = -(-share * received.total() // 100), 0
    for messages, customers in sorted(received.items()):
        passed += customers
        if passed >= rank:
            return messages
    return 0


def _holds(tally: Tally) -> tuple[HoldRow, ...]:
    found: dict[Reason, Counter[HoldEnd]] = {}
    for (_, reason, end), count in tally.holds.items():
        found.setdefault(reason, Counter())[end] += count
    rows = [HoldRow(reason, ends.total(), {end: ends[end] for end in HoldEnd}) for reason, ends in found.items()]
    return tuple(sorted(rows, key=lambda row: (-row.count, row.reason)))


def _caps(tally: Tally) -> tuple[CapRow, ...]:
    held = _by((rule, count) for (rule, reason, _), count in tally.holds.items() if reason is Reason.CAP)
    skipped = _by((rule, count) for (reason, rule), count in tally.reasons.items() if reason is Reason.CAP)
    rows = [CapRow(rule, held[rule], skipped[rule]) for rule in held.keys() | skipped.keys()]
    return tuple(sorted(rows, key=lambda row: (-row.held - row.skipped, row.rule)))


def _limits(tally: Tally) -> tuple[LimitRow, ...]:
    rows = [LimitRow(cap, tally.caps[cap, Verdict.HELD], tally.caps[cap, Verdict.SKIPPED]) for cap in {cap for cap, _ in tally.caps}]
    return tuple(sorted(rows, key=lambda row: (-row.held - row.skipped, row.cap)))


def _shortened(hours: Counter[str], length: int) -> Counter[str]:
    return _by((hour[:length], count) for hour, count in hours.items())


def _busiest(moments: Counter[str]) -> tuple[str, int] | None:
    """The one with most messages, the first of several."""
    return min(moments.items(), key=lambda item: (-item[1], item[0]), default=None)


def _hours_of_day(hours: Counter[str]) -> tuple[int, ...]:
    found = _by((hour[-2:], count) for hour, count in hours.items())
    return tuple(found[f"{hour:02}"] for hour in range(24))


def _done(tally: Tally, kind: str) -> Mapping[str, int]:
    return dict(sorted(_by((what, count) for (its, _, what), count in tally.commands.items() if its == kind).items()))


def _cost(channel: str, messages: int, price: float | None) -> CostRow:
    """Reckoned in decimals, as money is."""
    exact = None if price is None else Decimal(str(price))
    return CostRow(channel, messages, exact, None if exact is None else exact * messages)


def _difference(name: str, changes: Changes, before: tuple[Tally, Figures], after: tuple[Tally, Figures]) -> Difference:
    was, is_now = ({row.reason: row.count for row in rows.reasons} for _, rows in (before, after))
    reasons = [(reason, was.get(reason, 0), is_now.get(reason, 0)) for reason in Reason if was.get(reason) != is_now.get(reason)]
    messages = {change: sum(count for (kind, _, its), count in changes.counts.items() if kind == MESSAGE and its is change) for change in Change}
    return Difference(name, before[1], changes.customers, messages, _change_rows(changes, before[0], after[0]), tuple(reasons), _samples(changes))


def _samples(changes: Changes) -> tuple[Sample, ...]:
    """Ten, of every kind of change as many as there is room for."""
    in_turn = chain.from_iterable(zip_longest(*(changes.samples.get(change, ()) for change in Change)))
    shown = list(islice((sample for sample in in_turn if sample), SAMPLES))
    return tuple(sample for change in Change for sample in shown if sample.change is change)


def _change_rows(changes: Changes, before: Tally, after: Tally) -> tuple[ChangeRow, ...]:
    """The rules for which something changes, in the order of their names."""
    rows = []
    for kind, rule in sorted({(kind, rule) for kind, rule, _ in changes.counts}):
        was, is_now = (sum(count for (its, of, _), count in tally.commands.items() if (its, of) == (kind, rule)) for tally in (before, after))
        rows.append(ChangeRow(rule, kind, was, is_now, {change: changes.counts[kind, rule, change] for change in Change}))
    return tuple(sorted(rows, key=lambda row: (row.kind != MESSAGE, row.rule)))
