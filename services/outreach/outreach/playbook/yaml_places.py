"""Where a character of a YAML text stands in its file, however the text is quoted, folded or spread over lines."""

import re
from collections.abc import Iterator

from outreach.playbook.yaml_text import Place

_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)*")
_BLOCK = re.compile(r"[|>][^\n]*\n?")
_ESCAPED = re.compile(r"\\(?:\n|x(?P<two>..)|u(?P<four>.{4})|U(?P<eight>.{8})|(?P<one>.))|.", re.DOTALL)
_DOUBLED = re.compile(r"''|.", re.DOTALL)
_BLANK = frozenset("tnvfrNLP_ \n\t")


def place_inside(text: str, begin: Place, value: str, column: int) -> Place:
    """The place of a column (from 1, through all its lines) of a text whose value begins there in the file.

    What is not blank stands in the file in the same order as in the value, so that blanks, which YAML folds, need not be followed.
    """
    end, blanks = _index(text, begin), 0
    written = _written(text, end)
    for character in value[: column - 1]:
        if character.isspace():
            blanks += 1
        else:
            start, length = next(written, (end, 0))
            end, blanks = start + length, 0
    behind = column > len(value) or value[column - 1].isspace()
    return _place(text, end + blanks if behind else next(written, (end, 0))[0])


def _written(text: str, start: int) -> Iterator[tuple[int, int]]:
    """Index and length of everything in the file that stands for one character which is not blank, from the value's beginning on."""
    start = _PROPERTIES.match(text, start).end()  # type: ignore[union-attr] # it matches nothing, too
    opened = text[start : start + 1]
    if block := _BLOCK.match(text, start):
        start = block.end()
    pattern = {'"': _ESCAPED, "'": _DOUBLED}.get(opened)
    for match in pattern.finditer(text, start + 1) if pattern else re.compile(r"\S").finditer(text, start):
        if not _is_blank(match):
            yield match.start(), len(match[0])


def _is_blank(match: re.Match[str]) -> bool:
    """Whether what is written is a blank, or (a backslash at a line's end) nothing at all."""
    if not match[0].startswith("\\") or match.re is not _ESCAPED:
        return match[0].isspace()
    code = match["two"] or match["four"] or match["eight"]
    return chr(int(code, 16)).isspace() if code else match[0][1] in _BLANK


def _index(text: str, place: Place) -> int:
    index = 0
    for _ in range(place[0] - 1):
        index = text.index("\n", index) + 1
    return index + place[1] - 1


def _place(text: str, index: int) -> Place:
    before = text[:index]
    return before.count("\n") + 1, len(before) - before.rfind("\n")
