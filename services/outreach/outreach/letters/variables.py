"""What a template uses, and whether it stays within what letters may do: show values, choose, and repeat once over a list."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from jinja2 import TemplateSyntaxError, nodes

from outreach.letters.errors import LetterError, unknown
from outreach.letters.price import DEAREST, TooDeep, price
from outreach.letters.sandbox import Sandbox
from outreach.letters.stumbles import stumbled
from outreach.letters.template_words import TAGS, plain_words, unknown_tag

ROOTS = frozenset({"customer", "event", "answer", "brand", "reward", "links"})
EXPRESSIONS = (nodes.Const, nodes.Concat, nodes.Compare, nodes.Operand, nodes.Neg, nodes.List, nodes.Tuple, nodes.Keyword)
STRUCTURE = (nodes.Template, nodes.Output, nodes.TemplateData)
NO_NAMES: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Variable:
    """A dotted name such as `event.product_name` (`event.items[].name` for entries of a list) where it is used."""

    name: str
    has_default: bool
    file: str
    line: int


@dataclass(slots=True)
class Findings:
    """The variables of a template in the order of the text, everything that is wrong with it, and what it may cost (`price`, microseconds)."""

    file: str
    roots: frozenset[str] = ROOTS
    price: int = 0
    variables: list[Variable] = field(default_factory=list)
    problems: list[LetterError] = field(default_factory=list)


def look_through(sandbox: Sandbox, source: str, line: int, findings: Findings, *, times: int = 1) -> None:
    """Adds to `findings` what this piece of the file uses and does wrong; `line` is where in the file it begins, `times` how often it is rendered."""
    try:
        tree = sandbox.parse("\n" * (line - 1) + source)
        findings.price += times * price(tree)
    except TemplateSyntaxError as error:
        within, rest = stumbled(sandbox, source, error.message or "", error.lineno - line + 1)
        findings.problems.append(_unreadable(findings.file, within + line - 1, error.message or "", rest))
    except TooDeep as error:
        findings.problems.append(LetterError(findings.file, error.line, str(error)))
    except (RecursionError, ValueError):  # Jinja's own parser gives up: too many brackets, a number of thousands of digits
        findings.problems.append(LetterError(findings.file, line, "expected a template that can be read, got one that is nested too deeply"))
    else:
        _Walk(sandbox, findings).visit(tree, frozenset(), NO_NAMES)


def _unreadable(file: str, line: int, said: str, rest: str) -> LetterError:
    if tag := unknown_tag(said):
        return unknown(file, line, "tag", tag, TAGS)
    return LetterError(file, line, f"expected a template that can be read: {plain_words(said)}", "rest", rest)


def afford(findings: Findings, dearest: int = DEAREST) -> None:
    """Adds a problem when rendering may take longer than `dearest` microseconds, which would keep other customers waiting."""
    if findings.price > dearest:
        message = (
            f"expected a letter that is written in {dearest // 1000} ms at most, got one that may take {findings.price // 1000} ms: use fewer loops or filters"
        )
        findings.problems.append(LetterError(findings.file, 0, message))


class _Walk:
    """Visits every node with the names known to exist here (`sure`) and the names of loop variables (`local`)."""

    def __init__(self, sandbox: Sandbox, findings: Findings) -> None:
        self._sandbox = sandbox
        self._found = findings

    def visit(self, node: nodes.Node, sure: frozenset[str], local: Mapping[str, str]) -> None:
        match node:
            case nodes.Name() | nodes.Getattr() | nodes.Getitem():
                self._use(node, sure, local)
            case nodes.If() | nodes.CondExpr():
                self._choice(node, sure, local)
            case nodes.For():
                self._loop(node, sure, local)
            case nodes.Filter() | nodes.Test():
                self._applied(node, sure, local)
            case nodes.And() | nodes.Or() | nodes.Not():
                self._asked(node, sure, local)
            case _ if isinstance(node, EXPRESSIONS + STRUCTURE):
                self._children(node, sure, local)
            case _:
                self._problem(node, f'expected a letter that only shows, chooses and repeats, got "{type(node).__name__.lower()}"')

    def _children(self, node: nodes.Node, sure: frozenset[str], local: Mapping[str, str]) -> None:
        for child in node.iter_child_nodes():
            self.visit(child, sure, local)

    def _use(self, node: nodes.Node, sure: frozenset[str], local: Mapping[str, str], has_default: bool = False) -> None:
        name = dotted(node, local)
        if name is None:
            self._problem(node, "expected a name such as event.order_id")
            return
        root = name.split(".")[0].removesuffix("[]")
        if root == "loop":
            return
        if root not in self._found.roots:
            self._unknown(node, "name", root, self._found.roots)
        self._found.variables.append(Variable(name, has_default or name in sure, self._found.file, node.lineno))

    def _asked(self, node: nodes.Node, sure: frozenset[str], local: Mapping[str, str]) -> None:
        """A condition: a name on its own only asks whether it is there."""
        match node:
            case nodes.Name() | nodes.Getattr() | nodes.Getitem():
                self._use(node, sure, local, has_default=True)
            case nodes.And():
                self._asked(node.left, sure, local)
                self._asked(node.right, sure | certain(node.left, local), local)
            case nodes.Or() | nodes.Not():
                for child in node.iter_child_nodes():
                    self._asked(child, sure, local)
            case _:
                self.visit(node, sure, local)

    def _choice(self, node: nodes.If | nodes.CondExpr, sure: frozenset[str], local: Mapping[str, str]) -> None:
        self._asked(node.test, sure, local)
        chosen = node.body if isinstance(node, nodes.If) else [node.expr1]
        otherwise = [*node.elif_, *node.else_] if isinstance(node, nodes.If) else [node.expr2]
        for child in chosen:
            self.visit(child, sure | certain(node.test, local), local)
        for other in otherwise:
            if other is not None:
                self.visit(other, sure, local)

    def _loop(self, node: nodes.For, sure: frozenset[str], local: Mapping[str, str]) -> None:
        if local or node.recursive or node.test or not isinstance(node.target, nodes.Name):
            self._problem(node, "expected a simple loop such as {% for item in event.items %}, not within another one")
            return
        self.visit(node.iter, sure, local)
        entries = {node.target.name: f"{dotted(node.iter, local) or 'list'}[]", "loop": "loop"}
        for child in node.body:
            self.visit(child, sure, entries)
        for child in node.else_:
            self.visit(child, sure, local)

    def _applied(self, node: nodes.Filter | nodes.Test, sure: frozenset[str], local: Mapping[str, str]) -> None:
        known = self._sandbox.filters if isinstance(node, nodes.Filter) else self._sandbox.tests
        if node.name not in known:
            self._unknown(node, type(node).__name__.lower(), node.name, known)
        if node.node is not None and node.name in ("default", "d", "defined", "undefined") and dotted(node.node, local):
            self._use(node.node, sure, local, has_default=True)
        elif node.node is not None:
            self.visit(node.node, sure, local)
        for child in (*node.args, *node.kwargs, node.dyn_args, node.dyn_kwargs):
            if child is not None:
                self.visit(child, sure, local)

    def _unknown(self, node: nodes.Node, about: str, word: str, known: Iterable[str]) -> None:
        self._found.problems.append(unknown(self._found.file, node.lineno, about, word, known))

    def _problem(self, node: nodes.Node, message: str) -> None:
        self._found.problems.append(LetterError(self._found.file, node.lineno, message))


def dotted(node: nodes.Node, local: Mapping[str, str]) -> str | None:
    """`event.product_name` for the expression of that name, with loop variables spelled as entries of their list; None for other expressions."""
    match node:
        case nodes.Name():
            return local.get(node.name, node.name)
        case nodes.Getattr():
            inner, last = dotted(node.node, local), f".{node.attr}"
        case nodes.Getitem(arg=nodes.Const(value=str(key))):
            inner, last = dotted(node.node, local), f".{key}"
        case nodes.Getitem(arg=nodes.Const(value=int())):
            inner, last = dotted(node.node, local), "[]"
        case _:
            return None
    return inner and inner + last


def certain(test: nodes.Node, local: Mapping[str, str]) -> frozenset[str]:
    """The names that must exist where this condition holds."""
    return frozenset(_certain(test, local))


def _certain(test: nodes.Node, local: Mapping[str, str]) -> Iterator[str]:
    if isinstance(test, nodes.And):
        yield from _certain(test.left, local)
        yield from _certain(test.right, local)
    asked = test.node if isinstance(test, nodes.Test) and test.name == "defined" else test
    if name := dotted(asked, local):
        yield name
