"""The Jinja environment of letters: values are plain data, nothing can be called, and what comes out is bounded."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, NoReturn
from urllib.parse import quote

from jinja2 import StrictUndefined, Template, UndefinedError
from jinja2.filters import FILTERS
from jinja2.runtime import Context, LoopContext, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS

from outreach.letters.days import day_in_words
from outreach.letters.plain import LONGEST_TEXT

LARGEST_OUTPUT = 200_000
LONGEST_JOINED = 10_000
LONGEST_TITLE = 300
JINJA_FILTERS = ("default", "d", "upper", "lower", "capitalize", "length", "count", "first", "last", "int", "float", "truncate")
JINJA_TESTS = ("defined", "undefined", "even", "odd", "number", "string")
LOOP = frozenset({"index", "index0", "first", "last", "length"})
_WEB = re.compile(r"""(https?://|mailto:)[^\s<>"'`\\]+""", re.IGNORECASE)


class Refused(ValueError):
    """A template did what letters may not do; the message holds no values."""


class Missing(StrictUndefined):
    """A value that is not there: asking whether it is there is fine, showing it is an error."""

    __slots__ = ()

    def __bool__(self) -> bool:  # type: ignore[override]  # StrictUndefined refuses even to be asked
        return False


class Sandbox(ImmutableSandboxedEnvironment):
    """Fields of dictionaries are all that can be reached: no attribute, no method, no global, no multiplication of texts."""

    intercepted_binops = frozenset({"*", "%", "**"})

    def __init__(self) -> None:
        super().__init__(undefined=Missing, autoescape=lambda name: (name or "").endswith((".html", ".html.j2")), finalize=shown, cache_size=0)
        self.globals.clear()
        self.filters = {name: _bounded(filter_) for name, filter_ in ({name: FILTERS[name] for name in JINJA_FILTERS} | dict(OWN_FILTERS)).items()}
        self.tests = {name: TESTS[name] for name in JINJA_TESTS}

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A field of a dictionary, or what a loop knows about itself."""
        if isinstance(obj, dict) and attribute in obj:
            return obj[attribute]
        if isinstance(obj, LoopContext) and attribute in LOOP:
            return getattr(obj, attribute)
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """A field of a dictionary or an entry of a list."""
        if isinstance(obj, Undefined):
            raise UndefinedError("a field of something that is not there")
        if (isinstance(obj, dict) and argument in obj) or (isinstance(obj, list) and isinstance(argument, int) and -len(obj) <= argument < len(obj)):
            return obj[argument]
        return self.undefined(obj=obj, name=argument)

    def is_safe_callable(self, obj: Any) -> bool:  # noqa: ARG002  # whatever it is, letters do not call
        """Nothing can be called."""
        return False

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> NoReturn:  # noqa: ARG002  # whatever the operands are
        """Texts and numbers are not multiplied in letters."""
        raise Refused(f'expected a letter without the operator "{operator}"')

    @staticmethod
    def concat(parts: Iterable[str]) -> str:
        """Joins the output as it comes and stops at LARGEST_OUTPUT characters."""
        size, kept = 0, []
        for part in parts:
            size += len(part)
            if size > LARGEST_OUTPUT:
                raise Refused(f"expected at most {LARGEST_OUTPUT} characters, got more")
            kept.append(part)
        return "".join(kept)

    def template(self, source: str, name: str) -> Template:
        """The compiled template; values are HTML-escaped when the name ends in `.html` or `.html.j2`. Raises TemplateSyntaxError."""
        return self.template_class.from_code(self, self.compile(source, name, name), self.globals)


def shown(value: Any) -> Any:
    """What a value looks like in a letter: whole numbers without a fraction; lists and dictionaries are refused."""
    if isinstance(value, list | dict):
        raise Refused("expected a text or a number to show, got a list or a group of fields")
    return int(value) if isinstance(value, float) and value.is_integer() else value


def joined(values: Any, separator: str = ", ") -> str:
    """The entries of a list with a separator between them."""
    if not isinstance(values, list):
        raise Refused("expected a list to join")
    texts = [str(shown(value)) for value in values]
    if sum(map(len, texts)) + len(texts) * len(separator) > LONGEST_JOINED:
        raise Refused(f"expected at most {LONGEST_JOINED} characters in a joined list")
    return separator.join(texts)


def rounded(value: float, digits: int = 0) -> float:
    """The number rounded to 0..6 digits after the point."""
    return round(value, max(0, min(digits, 6)))


def web_address(value: Any) -> str:
    """The value when it is an http, https or mailto address; raises Refused for anything else, for example `javascript:`."""
    if isinstance(value, Undefined) or not _WEB.fullmatch(str(value)):
        raise Refused("expected an http or https address for the link")
    return str(value)


def url_part(value: Any) -> str:
    """The value with everything percent-encoded that means something in an address."""
    return quote(str(value), safe="")


def titled(value: Any) -> str:
    """Each word with a capital, as in a title; a longer text is none and stays as it is."""
    text = str(value)
    return str(FILTERS["title"](text)) if len(text) <= LONGEST_TITLE else text


def trimmed(value: Any) -> str:
    """The text without white space around it."""
    return str(value).strip()


def _bounded(filter_: Callable[..., Any]) -> Callable[..., Any]:
    """The filter, for texts as long as a customer's values may be: what letters put together themselves may be longer, and is only shown."""

    @wraps(filter_)
    def applied(*values: Any, **named: Any) -> Any:
        if any(isinstance(value, str) and len(value) > LONGEST_TEXT for value in (*values, *named.values())):
            raise Refused(f"expected at most {LONGEST_TEXT} characters for a filter")
        return filter_(*values, **named)

    return applied


OWN_FILTERS: Mapping[str, Callable[..., Any]] = {
    "join": joined,
    "round": rounded,
    "link": web_address,
    "urlencode": url_part,
    "title": titled,
    "trim": trimmed,
    "day": day_in_words,
}
