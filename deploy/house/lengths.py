"""How long files and functions may be: guard the maximum, and the median, so that nothing becomes the place where everything drifts."""

import ast
from collections.abc import Iterator, Sequence
from statistics import median

from deploy.house.sources import Problem, Source

FILE_MOST, FILE_MEDIAN = 300, 110
FUNCTION_MOST, FUNCTION_MEDIAN = 40, 8
ROOT_MOST = 60


def check(sources: Sequence[Source]) -> Iterator[Problem]:
    """Too long files, functions and composition roots, and medians over the product's Python; tests may be long."""
    product = [source for source in sources if source.is_product]
    for source in product:
        yield from _file(source)
        yield from _functions(source)
    yield from _medians(product)


def _file(source: Source) -> Iterator[Problem]:
    most = ROOT_MOST if source.path.endswith("__main__.py") else FILE_MOST
    if source.lines > most:
        yield Problem(source.path, 0, f"expected a file of at most {most} lines, got {source.lines}")


def _functions(source: Source) -> Iterator[Problem]:
    for function in source.functions():
        if (lines := _length(function)) > FUNCTION_MOST:
            yield Problem(source.path, function.lineno, f"expected {function.name}() in at most {FUNCTION_MOST} lines, got {lines}")


def _medians(product: Sequence[Source]) -> Iterator[Problem]:
    files = [source.lines for source in product if source.lines]
    functions = [_length(function) for source in product for function in source.functions()]
    for what, lengths, most in (("file", files, FILE_MEDIAN), ("function", functions, FUNCTION_MEDIAN)):
        if lengths and median(lengths) > most:
            yield Problem(".", 0, f"expected a median {what} of at most {most} lines, got {median(lengths):g}")


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1
