"""The report as one page with pictures, in need of nothing else: no scripts, no resources from elsewhere."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template

from outreach.backtest.compare import Change
from outreach.backtest.render.pictures import Picture, balance, columns, lying
from outreach.backtest.render.sections import changed, months_by_rule, read, sections, shown, summary
from outreach.backtest.report import Report
from outreach.backtest.tally import MESSAGE, HoldEnd

MOST_RECEIVED = 40


def html(report: Report) -> str:
    """All of it."""
    found = [months_by_rule(report.figures) if section.name == "months" else section for section in sections(report)]
    return _template().render(
        version=report.figures.version,
        read=read(report.log),
        summary=summary(report),
        changed=changed(report.difference) if report.difference else "",
        unreadable=report.log.unreadable,
        figures=list(_figures(report)),
        sections=found,
        pictures=dict(_pictures(report)),
        shown=shown,
    )


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(files(__package__).joinpath("page.html.j2").read_text("utf-8"))


def _figures(report: Report) -> Iterator[tuple[str, str]]:
    """What one wants to know first, as (figure, words)."""
    found, changes = report.figures, report.difference.messages if report.difference else {}
    yield shown(found.messages), "messages"
    yield from ((shown(count), change.value) for change, count in changes.items() if count)
    yield shown(found.customers_written), f"of {report.log.customers:,} customers written to"
    yield shown(found.quantiles[100]), "messages at most for one customer"
    yield shown(sum(found.others.alerts.values())), "times a person was asked"
    yield shown(sum(row.count for row in found.reasons)), "times nothing was sent, with the reason"
    costs = [row.cost for row in found.costs if row.cost is not None]
    if costs:
        yield f"{sum(costs):,.2f}", f"{found.currency} for all messages"


def _pictures(report: Report) -> Iterator[tuple[str, tuple[str, Picture]]]:
    """By the name of the table that they stand beside: what the picture shows, and its shapes."""
    found = report.figures
    if report.difference:
        rows = [(row.rule, row.changes[Change.GAINED], row.changes[Change.LOST]) for row in report.difference.rules if row.kind == MESSAGE]
        picture = balance([(rule, gained, lost) for rule, gained, lost in rows if gained or lost])
        if picture.bars:
            yield "changes", ("Messages gained and lost by each rule", picture)
    rules = [row.rule for row in found.rules if row.messages]
    yield "months", ("Messages in each month, stacked by rule", columns(found.months, rules))
    yield "received", ("Customers by the number of messages they receive", columns(_binned(found.received), ["customers"]))
    yield "reasons", ("Occasions on which nothing was sent, by reason", lying([(row.reason.value, row.count) for row in found.reasons]))
    by_hour = [(f"{hour:02}", {"messages": count}) for hour, count in enumerate(found.hours)]
    yield "hours", (f"Messages by hour of the day in {found.zone}", columns(by_hour, ["messages"]))
    ends = {end.value: count for end, count in found.held.items() if count}
    yield "holds", ("How held messages went on", lying([(end.value, ends[end.value]) for end in HoldEnd if end.value in ends]))


def _binned(received: tuple[tuple[int, int], ...]) -> list[tuple[str, Mapping[str, int]]]:
    """Every number from none on, also those that nobody received; a long tail is one bar."""
    customers, most = dict(received), max((messages for messages, _ in received), default=0)
    bins: list[tuple[str, Mapping[str, int]]] = [(str(number), {"customers": customers.get(number, 0)}) for number in range(min(most, MOST_RECEIVED) + 1)]
    if most > MOST_RECEIVED:
        bins.append((f"{MOST_RECEIVED + 1}+", {"customers": sum(count for messages, count in received if messages > MOST_RECEIVED)}))
    return bins
