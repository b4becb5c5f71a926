"""The plain-text part: the same letter as somebody would type it, with links as `text (address)` and lines folded to a readable width."""

import re
from collections.abc import Callable
from functools import cache

from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

WIDTH = 72
DEEPEST = 40
_LEAD = re.compile(r"(?:[ >]|[-*] |\d+\. )*")


def as_text(tokens: list[Token]) -> str:
    """The letter as text with one line per paragraph; the tags are still set aside."""
    return _blocks(SyntaxTreeNode(tokens))


def fold(text: str) -> str:
    """The text with lines of at most WIDTH characters where words allow it; lists and quotations keep their indent. Addresses are never broken."""
    return "\n".join(_fold_line(line) if len(line) > WIDTH else line.rstrip() for line in text.strip().split("\n")) + "\n"


def _fold_line(line: str) -> str:
    lead = _LEAD.match(line).group()  # type: ignore[union-attr]  # the pattern also matches nothing
    hang = re.sub(r"[^ >]", " ", lead[:DEEPEST])
    return lead + f"\n{hang}".join(_chunk(max(WIDTH - len(lead), 20)).findall(line, len(lead)))


@cache
def _chunk(width: int) -> re.Pattern[str]:
    """As many words as fit, or one word that is too long on its own."""
    return re.compile(rf"(?:\S.{{0,{width - 1}}}|\S+)(?=\s|$)")


def _blocks(node: SyntaxTreeNode) -> str:
    return "".join(_BLOCKS.get(child.type, _text_block)(child) for child in node.children)


def _paragraph(node: SyntaxTreeNode) -> str:
    if node.meta.get("statement"):
        return _inline(node.children[0])
    return _inline(node.children[0]) + ("\n" if node.hidden else "\n\n")


def _list(node: SyntaxTreeNode) -> str:
    first = int(node.attrs.get("start", 1))
    numbers = (f"{first + index}. " if node.type == "ordered_list" else "- " for index in range(len(node.children)))
    items = [_prefixed(_blocks(item), number, " " * len(number)) for item, number in zip(node.children, numbers, strict=True)]
    return "".join(items) + "\n"


def _prefixed(text: str, first: str, others: str) -> str:
    return first + f"\n{others}".join(text.rstrip("\n").split("\n")) + "\n"


def _quote(node: SyntaxTreeNode) -> str:
    return _prefixed(_blocks(node), "> ", "> ") + "\n"


def _code(node: SyntaxTreeNode) -> str:
    return _prefixed(node.content, "    ", "    ") + "\n"


def _text_block(node: SyntaxTreeNode) -> str:
    return _inline(node) + "\n\n"


def _inline(node: SyntaxTreeNode) -> str:
    match node.type:
        case "text" | "code_inline":
            return node.content
        case "softbreak":
            return " "
        case "hardbreak":
            return "\n"
        case "link":
            return _link("".join(map(_inline, node.children)), str(node.attrs["href"]))
        case _:
            return "".join(map(_inline, node.children))


def _link(text: str, href: str) -> str:
    return href if text in ("", href) else f"{text} ({href.removeprefix('mailto:')})"


_BLOCKS: dict[str, Callable[[SyntaxTreeNode], str]] = {
    "paragraph": _paragraph,
    "bullet_list": _list,
    "ordered_list": _list,
    "blockquote": _quote,
    "fence": _code,
    "code_block": _code,
    "hr": lambda _: "* * *\n\n",
}
