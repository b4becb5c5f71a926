"""The tables of a report: each said once, and shown by every format in its own way."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from outreach.backtest.compare import Change, Sample
from outreach.backtest.report import Difference, Figures, LogFigures, Report
from outreach.backtest.tally import MESSAGE, HoldEnd
from outreach.core.calendar import local


class Signed(int):
    """A number that is shown with its sign."""


Cell = str | int | Decimal | None
Rows = tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A table with its title and a sentence about it. Columns of numbers (None where there is none) stand to the right."""

    name: str
    title: str
    says: str
    headers: tuple[str, ...]
    rows: Rows

    def is_number(self, column: int) -> bool:
        """Whether the column holds numbers alone."""
        return all(not isinstance(row[column], str) for row in self.rows)


def shown(cell: Cell) -> str:
    """12,345; "-" for nothing. Names come from outside: what would steer a terminal or a page is not shown."""
    if isinstance(cell, str):
        return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in cell)
    return "-" if cell is None else f"{cell:+,}" if isinstance(cell, Signed) else f"{cell:,}"


def read(log: LogFigures) -> str:
    """What the log was."""
    late = f"; {log.late:,} recorded after that were left out" if log.late else ""
    return f"{log.events:,} events of {log.customers:,} customers, recorded {log.first[:10]} to {log.last[:10]}. Time passed to {log.until[:16]}Z{late}."


def summary(report: Report) -> str:
    """The result in a sentence."""
    found = report.figures
    each = f"half of the customers receive at most {found.quantiles[50]:,}, 99 % at most {found.quantiles[99]:,}, nobody more than {found.quantiles[100]:,}"
    return f"{found.messages:,} messages to {found.customers_written:,} of {report.log.customers:,} customers: {each}."


def changed(difference: Difference) -> str:
    """The difference in a sentence."""
    told = [f"{difference.messages[change]:,} {change.value}" for change in Change if difference.messages[change]]
    return f"Against {difference.name}: " + (f"messages {', '.join(told)}; {difference.customers:,} customers notice." if told else "no message changes.")


def sections(report: Report) -> Iterator[Section]:
    """Every table that has rows, the most telling first."""
    found = report.figures
    every = [*differences(report.difference, found.zone), *_messages(found), *_silence(found), *_rest(found), _unreadable(report.log)]
    return (_without_empty_columns(section) for section in every if section.rows)


def _without_empty_columns(section: Section) -> Section:
    """The same without the columns in which there is nothing but zeros, such as rewards where no rule grants any."""
    kept = [at for at in range(len(section.headers)) if any(row[at] != 0 for row in section.rows)]
    rows = tuple(tuple(row[at] for at in kept) for row in section.rows)
    return replace(section, headers=tuple(section.headers[at] for at in kept), rows=rows)


def differences(difference: Difference | None, zone: str) -> Iterator[Section]:
    """What changes against another version."""
    if difference is None:
        return
    rules: Rows = tuple((row.rule, _kind(row.kind), row.before, row.after, *(row.changes[change] for change in Change)) for row in difference.rules)
    says = "Messages, and what else is done, by what becomes of them."
    yield Section("changes", "Gained and lost, by rule", says, ("rule", "what", "before", "after", *(c.value for c in Change)), rules)
    reasons = tuple((reason.value, before, after, Signed(after - before)) for reason, before, after in difference.reasons)
    says = "How often each reason kept something from happening."
    yield Section("reasons-changed", "Reasons that changed", says, ("reason", "before", "after", "change"), reasons)
    headers = ("change", "customer", "rule", "what", "before", "after", "why")
    yield Section("samples", "Samples", f"Times are those of {zone}.", headers, tuple(sample_row(sample, zone) for sample in difference.samples))


def sample_row(sample: Sample, zone: str) -> tuple[str, ...]:
    """A sample in words, its moments in the zone's time."""
    what = sample.what if sample.kind == MESSAGE else f"{sample.kind} {sample.what}"
    times = tuple("never" if moment is None else minute_of(moment, zone) for moment in (sample.before, sample.after))
    return (sample.change.value, sample.customer, sample.rule, what, *times, sample.why)


def minute_of(moment: int, zone: str) -> str:
    """`1997-03-12 09:00` in the zone."""
    return local(moment, zone).strftime("%Y-%m-%d %H:%M")


def _kind(kind: str) -> str:
    return "messages" if kind == MESSAGE else f"{kind}s"


def _messages(found: Figures) -> Iterator[Section]:
    headers = ("rule", "purpose", "begun", "messages", "alerts", "rewards", "webhooks", "held", "not sent")
    rows = tuple((r.rule, r.purpose, r.begun, r.messages, r.alerts, r.rewards, r.webhooks, r.held, r.not_sent) for r in found.rules)
    yield Section("rules", "By rule", "Begun counts occasions; held and not sent count what stood in the way.", headers, rows)
    months = tuple((month, sum(rules.values()), _most(rules.items())) for month, rules in found.months)
    yield Section("months", "By month", "Messages, and the rule that sends most of them.", ("month", "messages", "most from"), months)
    yield _received(found)


def months_by_rule(found: Figures) -> Section:
    """Every month with what each rule sends, for pages that are wide enough."""
    rules = [row.rule for row in found.rules if row.messages]
    rows: Rows = tuple((month, sum(sent.values()), *(sent.get(rule, 0) for rule in rules)) for month, sent in found.months)
    return Section("months", "By month", "Messages of each rule.", ("month", "messages", *rules), rows)


def _most(rules: Iterable[tuple[str, int]]) -> str:
    return min(rules, key=lambda item: (-item[1], item[0]), default=("-", 0))[0]


def _received(found: Figures) -> Section:
    total = sum(customers for _, customers in found.received) or 1
    rows = tuple((messages, customers, f"{customers / total:6.1%}") for messages, customers in found.received)
    middle = ", ".join(f"{share} %: {most:,}" for share, most in found.quantiles.items())
    return Section("received", "Messages per customer", f"On average {found.mean}; at most, for {middle}.", ("messages", "customers", "share"), rows)


def _silence(found: Figures) -> Iterator[Section]:
    reasons = tuple((row.reason.value, row.count, row.words, _most(row.rules.items())) for row in found.reasons)
    says = "Every occasion on which nothing went out, by the reason on record."
    yield Section("reasons", "Not sent, and why", says, ("reason", "count", "in words", "most from"), reasons)
    total = sum(found.held.values())
    ends: Rows = tuple((row.reason.value, row.count, *(row.ends[end] for end in HoldEnd)) for row in found.holds)
    whole: Rows = (("messages held", total, *(found.held[end] for end in HoldEnd)),) if total else ()
    says = "How messages that had to wait went on; one that two reasons held stands in both lines."
    yield Section("holds", "Held, and how it ended", says, ("held by", "messages", *(end.value for end in HoldEnd)), ends + whole)
    limits = tuple((row.cap, row.held, row.skipped) for row in found.limits)
    says = "Messages that met each cap of the policy; of several that are full, the one that frees last."
    yield Section("limits", "Caps hit, by cap", says, ("cap", "held", "skipped"), limits)
    caps = tuple((row.rule, row.held, row.skipped) for row in found.caps)
    yield Section("caps", "Caps hit, by rule", "Messages that met a cap of the policy.", ("rule", "held", "skipped"), caps)


def _rest(found: Figures) -> Iterator[Section]:
    busiest = [(f"busiest {name}", *_peak(peak)) for name, peak in (("hour", found.busiest_hour), ("day", found.busiest_day)) if peak]
    yield Section("busiest", "At the busiest", f"In the time of {found.zone}.", ("when", "from", "messages"), tuple(busiest))
    hours = tuple((f"{hour:02}:00", count) for hour, count in enumerate(found.hours))
    yield Section("hours", "By hour of the day", f"In the time of {found.zone}.", ("hour", "messages"), hours if found.messages else ())
    named = (("alert", found.others.alerts), ("reward", found.others.rewards), ("webhook", found.others.webhooks))
    others = tuple((kind, what, count) for kind, counts in named for what, count in counts.items())
    yield Section("others", "Besides letters", "People asked, rewards granted, systems called.", ("what", "for", "count"), others)
    headers = ("channel", "messages", "price", f"cost ({found.currency})")
    costs = tuple((row.channel, row.messages, row.price, row.cost) for row in found.costs)
    yield Section("costs", "Cost", "At the prices of policy.yaml; - where it names none.", headers, costs)


def _peak(peak: tuple[str, int]) -> tuple[str, int]:
    moment, count = peak
    return (moment if len(moment) == len("1997-03-12") else f"{moment[:10]} {moment[11:]}:00", count)


def _unreadable(log: LogFigures) -> Section:
    rows = tuple((line,) for line in log.unreadable_first)
    return Section("unreadable", "Unreadable", f"{log.unreadable:,} lines could not be read; the first of them:", ("where, and why",), rows)
