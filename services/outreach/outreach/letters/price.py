"""What a template may cost at most: how long it takes for the customer with the longest values, known before it is ever rendered.

Letters are written on the courier's event loop, where one slow letter would keep all others waiting. So every template is priced when it
is read, and one that could take too long is a mistake in the playbook, like a wrong name.
"""

from collections.abc import Mapping

from jinja2 import nodes

from outreach.letters.plain import LONGEST_LIST

DEAREST = 45_000
DEEPEST = 40
# Microseconds for a text of LONGEST_TEXT characters; what is not named costs NODE. Measured by tests/outreach/letters/test_bounds.py.
NODE = 1
FILTERS: Mapping[str, int] = {
    "upper": 30, "lower": 30, "capitalize": 30, "trim": 20, "truncate": 20, "float": 30, "link": 30, "join": 50, "int": 200, "title": 60, "urlencode": 600,
}  # fmt: skip


class TooDeep(ValueError):
    """Expressions within expressions, deeper than DEEPEST."""

    def __init__(self, line: int) -> None:
        super().__init__(f"expected at most {DEEPEST} things within each other")
        self.line = line


def price(tree: nodes.Node) -> int:
    """The most that rendering may take, in microseconds; raises TooDeep. Without recursion, because the tree may be a trap."""
    total, left = 0, [(tree, 1, 0)]
    while left:
        node, times, depth = left.pop()
        if depth > DEEPEST:
            raise TooDeep(node.lineno)
        total += times * (FILTERS.get(node.name, NODE) if isinstance(node, nodes.Filter) else NODE)
        within = times * LONGEST_LIST if isinstance(node, nodes.For) else times
        left += [(child, within, depth + 1) for child in node.iter_child_nodes()]
    return total
