"""YAML 1.2 for front matter and surveys: plain maps, with the line of each top-level key; tags, aliases and doubled keys are errors."""

from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node

from outreach.letters.errors import LetterError

LARGEST = 16_384
MOST_BRACKETS = 500


def read_yaml(text: str, file: str, line: int) -> tuple[dict[str, Any], dict[str, int]]:
    """The map and its keys' lines; `line` is the line of the file at which the text begins. Raises LetterError."""
    if len(text) > LARGEST:
        raise LetterError(file, line, f"expected at most {LARGEST // 1024} KB of keys and values")
    if text.count("[") + text.count("{") > MOST_BRACKETS:
        raise LetterError(file, line, f"expected at most {MOST_BRACKETS} brackets")
    try:
        node = YAML(typ="safe", pure=True).compose(text)
        _no_aliases(node, set(), file, line)
        data = YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as error:
        where = error.problem_mark.line if error.problem_mark else 0
        hint = ' (a value that begins with "{" needs quotes around it)' if "{{" in text else ""
        raise LetterError(file, line + where, f"expected YAML, got: {error.problem}{hint}") from None
    except (YAMLError, ValueError, RecursionError):
        raise LetterError(file, line, "expected YAML of keys and values") from None
    if not isinstance(data, dict) or not isinstance(node, MappingNode):
        raise LetterError(file, line, "expected keys with values, such as `subject: Hello`")
    return data, {str(key.value): line + key.start_mark.line for key, _ in node.value}


def _no_aliases(node: Node | None, seen: set[int], file: str, line: int) -> None:
    if node is None:
        return
    if id(node) in seen:
        raise LetterError(file, line + node.start_mark.line, "expected no aliases (*name)")
    seen.add(id(node))
    children = node.value if isinstance(node.value, list) else []
    for child in children:
        for part in child if isinstance(child, tuple) else (child,):
            _no_aliases(part, seen, file, line)
